import type { Hour } from '../hourly-stats.ts'

const [width, height, floor] = [720, 150, 122]

/** Calls hour by hour, those that failed at the top of each bar. */
export function CallsChart({ hours, label }: { hours: readonly Hour[]; label: string }) {
  const total = hours.reduce((sum, { okCount, failedCount }) => sum + okCount + failedCount, 0)
  const failed = hours.reduce((sum, { failedCount }) => sum + failedCount, 0)
  if (total === 0) return <p class="muted">No calls in the last 24 hours.</p>
  const most = Math.max(...hours.map(({ okCount, failedCount }) => okCount + failedCount))
  const step = width / hours.length
  const heightOf = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * (floor - 16)))
  return (
    <figure class="figure">
      <svg
        class="chart"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${label}: ${summary(total, failed)}`}
      >
        <line class="grid" x1="0" x2={width} y1="16" y2="16" />
        <line class="grid" x1="0" x2={width} y1={floor} y2={floor} />
        <text x="0" y="11">
          {most}
        </text>
        {hours.map(({ startsAt, okCount, failedCount }, index) => {
          const [ok, bad] = [heightOf(okCount), heightOf(failedCount)]
          const hour = `${startsAt.toISOString().slice(11, 13)}:00`
          return (
            <g>
              <title>{`${hour} UTC: ${summary(okCount + failedCount, failedCount)}`}</title>
              <rect class="ok" x={index * step + 3} y={floor - ok} width={step - 6} height={ok} rx="2" />
              <rect class="failed" x={index * step + 3} y={floor - ok - bad} width={step - 6} height={bad} rx="2" />
              {index % 4 === 0 ? (
                <text x={index * step + 3} y={height - 8}>
                  {hour}
                </text>
              ) : null}
            </g>
          )
        })}
      </svg>
      <figcaption>
        <ul class="legend">
          <li class="ok">{total - failed} answered</li>
          <li class="failed">{failed} failed</li>
          <li class="rate">{((failed / total) * 100).toFixed(1)} % error rate</li>
        </ul>
      </figcaption>
    </figure>
  )
}

function summary(total: number, failed: number): string {
  return `${total} ${total === 1 ? 'call' : 'calls'}, ${failed} failed`
}
