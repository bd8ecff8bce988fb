import { processWebhooks } from '../connectors.ts'

/** Next.js calls it once when a server starts. */
export function register(): void {
  if (process.env.NEXT_RUNTIME === 'nodejs') processWebhooks()
}
