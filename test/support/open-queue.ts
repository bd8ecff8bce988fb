import type { JobQueue } from 'bapp-connectors/jobs'
import { inProcessQueue } from 'bapp-connectors/jobs'
import { bullmqQueue } from 'bapp-connectors/jobs/bullmq'
import { pgBossQueue } from 'bapp-connectors/jobs/pg-boss'
import PgBoss from 'pg-boss'

/** An engine, and where it is. */
export type EngineSettings =
  | { readonly kind: 'in-process' }
  | { readonly kind: 'pg-boss'; readonly url: string }
  | { readonly kind: 'bullmq'; readonly path: string }

/** Opens the queue of an engine, which takes others for lost within seconds. */
export async function openQueue(
  engine: EngineSettings,
): Promise<{ readonly queue: JobQueue; readonly close: () => Promise<void> }> {
  switch (engine.kind) {
    case 'in-process':
      return { queue: inProcessQueue(), close: async () => {} }
    case 'bullmq':
      return {
        queue: bullmqQueue({ connection: { path: engine.path }, lockMs: 1_000, retryMs: 1_000 }),
        close: async () => {},
      }
    case 'pg-boss': {
      const boss = new PgBoss({ connectionString: engine.url, max: 3, maintenanceIntervalSeconds: 1, schedule: false })
      boss.on('error', () => {})
      await boss.start()
      return {
        queue: pgBossQueue(boss, { pollMs: 50, retryMs: 1_000 }),
        close: () => boss.stop({ graceful: false, wait: true }),
      }
    }
  }
}
