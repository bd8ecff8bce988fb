import type { ConnectionView } from '../../core/domain/connection.ts'
import { Badge, type Tone } from './badge.tsx'

/** The one word that says most about a connection. */
export function ConnectionBadge({ connection, now }: { connection: ConnectionView; now: Date }) {
  const [tone, word] = wordOf(connection, now)
  return <Badge tone={tone}>{word}</Badge>
}

function wordOf({ isEnabled, isConnected, pausedUntil }: ConnectionView, now: Date): readonly [Tone, string] {
  if (!isEnabled) return ['bad', 'Disabled']
  if (!isConnected) return ['warn', 'Not connected']
  if (pausedUntil === null) return ['good', 'Operational']
  return pausedUntil > now ? ['warn', 'Paused'] : ['warn', 'Resuming']
}
