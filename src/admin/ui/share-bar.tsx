import { type BoundedCount, countText } from '../bounded-count.ts'
import type { Tone } from './badge.tsx'

const width = 720
const gap = 3

/** One part of a whole. */
export interface Share {
  readonly label: string
  readonly tone: Tone
  readonly total: BoundedCount
  readonly href: string
}

/** What a whole is made of, as one bar; the list below it says the same in words. */
export function ShareBar({ shares, label }: { shares: readonly Share[]; label: string }) {
  const present = shares.filter(({ total }) => total.count > 0)
  const whole = present.reduce((sum, { total }) => sum + total.count, 0)
  const room = width - gap * Math.max(0, present.length - 1)
  let x = 0
  return (
    <figure class="figure">
      <svg class="chart bar-chart" viewBox={`0 0 ${width} 16`} preserveAspectRatio="none" role="img" aria-label={label}>
        {present.map(({ tone, total, label: part }) => {
          const size = (total.count / whole) * room
          const left = x
          x += size + gap
          return (
            <rect class={`share ${tone}`} x={left.toFixed(1)} y="0" width={size.toFixed(1)} height="16" rx="3">
              <title>{`${part}: ${countText(total)}`}</title>
            </rect>
          )
        })}
      </svg>
      <figcaption>
        <ul class="list">
          {shares.map(({ label: part, tone, total, href }) => (
            <li>
              <a class={`key ${tone}`} href={href}>
                {part}
              </a>
              <strong>{countText(total)}</strong>
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  )
}
