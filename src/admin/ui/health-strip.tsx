import type { Hour } from '../hourly-stats.ts'

const [width, height, gap] = [720, 28, 4]

/** How an hour went: what was asked was answered, in part, or not at all. */
function toneOf({ okCount, failedCount }: Hour): 'none' | 'good' | 'warn' | 'bad' {
  if (okCount + failedCount === 0) return 'none'
  if (failedCount === 0) return 'good'
  return okCount === 0 ? 'bad' : 'warn'
}

const words = { none: 'no calls', good: 'all answered', warn: 'some failed', bad: 'all failed' } as const

/** A day as a strip of hours, each coloured by how its calls went. */
export function HealthStrip({ hours }: { hours: readonly Hour[] }) {
  const step = width / hours.length
  const badHours = hours.filter(({ failedCount }) => failedCount > 0).length
  return (
    <figure class="figure">
      <svg
        class="chart strip"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Health by hour: calls failed in ${badHours} of the last ${hours.length} hours`}
      >
        {hours.map((hour, index) => (
          <rect
            class={`share ${toneOf(hour)}`}
            x={(index * step + gap / 2).toFixed(1)}
            y="0"
            width={(step - gap).toFixed(1)}
            height={height}
            rx="4"
          >
            <title>{`${hour.startsAt.toISOString().slice(11, 16)} UTC: ${words[toneOf(hour)]}`}</title>
          </rect>
        ))}
      </svg>
      <figcaption>
        <ul class="legend">
          {(['good', 'warn', 'bad', 'none'] as const).map((tone) => (
            <li class={tone}>{words[tone]}</li>
          ))}
        </ul>
      </figcaption>
    </figure>
  )
}
