/** An instant as people read it: how long ago, and exactly when they point at it. */
export function Instant({ at, now, missing = '—' }: { at: Date | null; now: Date; missing?: string }) {
  if (at === null) return <span class="muted">{missing}</span>
  const iso = at.toISOString()
  return (
    <time datetime={iso} title={exactly(at)}>
      {relative(at, now)}
    </time>
  )
}

/** When something is to happen by itself: what is over is due, and waits for somebody who does it. */
export function Due({ at, now }: { at: Date; now: Date }) {
  if (at > now) return <Instant at={at} now={now} />
  return (
    <time datetime={at.toISOString()} title={`since ${exactly(at)}`}>
      due now
    </time>
  )
}

/** An instant to the second, in UTC. */
export function exactly(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** E.g. `3 min ago` or `in 2 h`. */
function relative(at: Date, now: Date): string {
  const ms = now.getTime() - at.getTime()
  if (Math.abs(ms) >= 60 * 86_400_000) return at.toISOString().slice(0, 10)
  const [unit, size] = units.find(([, unitMs]) => Math.abs(ms) >= unitMs) ?? ['s', 1_000]
  const count = Math.floor(Math.abs(ms) / size)
  if (count === 0) return 'just now'
  return ms < 0 ? `in ${count} ${unit}` : `${count} ${unit} ago`
}

/** Milliseconds as people read them. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${Math.round(ms / 60_000)} min`
}
