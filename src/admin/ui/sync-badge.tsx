import type { SyncStateView, SyncStatus } from '../../core/domain/sync-state.ts'
import { Badge, type Tone } from './badge.tsx'

const tones: Readonly<Record<SyncStatus, Tone>> = { idle: 'calm', running: 'info', completed: 'good', failed: 'bad' }

/** The states of syncs. */
export const syncStatuses = Object.keys(tones) as readonly SyncStatus[]

/** The state of a sync; `null` = it never ran. */
export function SyncBadge({ state }: { state: SyncStateView | null }) {
  if (state === null) return <Badge tone="calm">never run</Badge>
  const { status, mode } = state
  return (
    <Badge tone={tones[status]}>
      {status}
      {mode === 'full' ? ' (full pass)' : ''}
    </Badge>
  )
}

/** When a sync runs by itself, in words. */
export function scheduleWords({ schedule }: Pick<SyncStateView, 'schedule'>): string {
  if (schedule === null) return 'by hand'
  const words = 'everyMs' in schedule ? `every ${minutes(schedule.everyMs)}` : `${schedule.cron} (${schedule.timeZone})`
  return schedule.isPaused ? `${words}, paused` : words
}

function minutes(ms: number): string {
  if (ms % 3_600_000 === 0) return ms === 3_600_000 ? 'hour' : `${ms / 3_600_000} h`
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1_000} s`
}
