import type { Child } from 'hono/jsx'

/** What a badge says by its colour; its words say the same. */
export type Tone = 'good' | 'bad' | 'warn' | 'info' | 'calm'

/** A word or two on the state of something. */
export function Badge({ tone, children }: { tone: Tone; children?: Child }) {
  return <span class={`badge ${tone}`}>{children}</span>
}
