import type { Hour } from '../hourly-stats.ts'
import { CallsChart } from './calls-chart.tsx'
import { HealthStrip } from './health-strip.tsx'

/** How a connection did in the last day, hour by hour. */
export function HealthTimeline({ hours }: { hours: readonly Hour[] }) {
  return (
    <section class="card" aria-labelledby="timeline">
      <h2 id="timeline">The last 24 hours</h2>
      <HealthStrip hours={hours} />
      <h3>Calls by hour</h3>
      <CallsChart hours={hours} label="Calls by hour" />
    </section>
  )
}
