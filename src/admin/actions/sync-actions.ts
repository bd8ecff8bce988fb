import type { SyncResult } from '../../core/domain/sync-result.ts'
import { type Action, type ActionContext, type ActionEnd, done, textOf } from '../action.ts'
import type { Notice } from '../notice.ts'

/** A run goes on in this process; an operator isn't kept waiting longer for its end. */
const waitMs = 2_500

const every: Readonly<Record<string, number>> = {
  '5 minutes': 300_000,
  '15 minutes': 900_000,
  '1 hour': 3_600_000,
  '6 hours': 21_600_000,
  '24 hours': 86_400_000,
}

/** How often a sync can be scheduled. */
export const scheduleChoices = Object.keys(every)

/** What operators do to the sync of a resource, by the last part of the path. */
export const syncActions: Readonly<Record<string, Action>> = {
  run: {
    name: 'sync.run',
    needs: 'operate',
    run: (context) => begin(context, 'run'),
  },
  full: {
    name: 'sync.full',
    needs: 'manage',
    run: async (context) => {
      const { parameters, form } = context
      if (textOf(form, 'confirmation') === parameters.resource) return begin(context, 'full')
      return { notice: { tone: 'bad', text: 'Nothing was begun: type the name of the resource to begin a full pass.' } }
    },
  },
  cancel: {
    name: 'sync.cancel',
    needs: 'operate',
    run: async ({ verbs, connection: { id }, parameters: { resource = '' } }) => {
      await verbs.sync.cancel(id, resource as never)
      return { notice: done(`The run of ${resource} is stopped; what it has committed stays.`), details: { resource } }
    },
  },
  reset: {
    name: 'sync.reset',
    needs: 'manage',
    run: async ({ verbs, connection: { id }, form, parameters: { resource = '' } }) => {
      if (textOf(form, 'confirmation') !== resource) {
        return {
          notice: { tone: 'bad', text: 'Nothing was reset: type the name of the resource to forget its cursor.' },
        }
      }
      await verbs.sync.reset(id, resource as never)
      return { notice: done(`The next run of ${resource} begins from the beginning.`), details: { resource } }
    },
  },
  pause: {
    name: 'sync.pause',
    needs: 'operate',
    run: async ({ verbs, connection: { id }, parameters: { resource = '' } }) => {
      await verbs.sync.pause(id, resource as never)
      return { notice: done(`The schedule of ${resource} is suspended.`), details: { resource } }
    },
  },
  resume: {
    name: 'sync.resume',
    needs: 'operate',
    run: async ({ verbs, connection: { id }, parameters: { resource = '' } }) => {
      await verbs.sync.resume(id, resource as never)
      return { notice: done(`The schedule of ${resource} goes on.`), details: { resource } }
    },
  },
  schedule: {
    name: 'sync.schedule',
    needs: 'operate',
    run: async ({ verbs, connection: { id }, form, parameters: { resource = '' } }) => {
      const cron = textOf(form, 'cron')
      const everyMs = every[textOf(form, 'every')] ?? 3_600_000
      await verbs.sync.schedule(id, resource as never, cron === '' ? { everyMs } : { cron })
      return {
        notice: done(`${resource} is synced by itself.`),
        details: cron === '' ? { resource, everyMs } : { resource, cron },
      }
    },
  },
  unschedule: {
    name: 'sync.unschedule',
    needs: 'operate',
    run: async ({ verbs, connection: { id }, parameters: { resource = '' } }) => {
      await verbs.sync.unschedule(id, resource as never)
      return { notice: done(`${resource} is synced only when somebody says so.`), details: { resource } }
    },
  },
}

async function begin(
  { visit, verbs, connection: { id, tenantId }, parameters: { resource = '' } }: ActionContext,
  verb: 'run' | 'full',
): Promise<ActionEnd> {
  if (visit.enqueue !== null) {
    const job = verb === 'full' ? 'sync.full' : 'sync.incremental'
    await visit.enqueue(job, { tenantId, connectionId: id, resource: resource as never })
    return {
      notice: { tone: 'info', text: `A worker will sync ${resource}; this page shows how it goes.` },
      details: { resource },
    }
  }
  const run = verbs.sync[verb](id, resource as never)
  const late = Symbol('late')
  const waited = new Promise<typeof late>((resolve) => {
    AbortSignal.timeout(waitMs).addEventListener('abort', () => resolve(late))
  })
  const result = await Promise.race([run, waited])
  // It goes on, and its row tells how it ended.
  if (result === late) run.catch(() => {})
  const notice: Notice =
    result === late
      ? { tone: 'info', text: `${resource} is being synced; this page shows how it goes.` }
      : toldBy(result)
  return { notice, details: { resource } }
}

function toldBy(result: SyncResult): Notice {
  const counts = `${result.itemCount} items on ${result.pageCount} pages`
  switch (result.status) {
    case 'completed':
      return { tone: 'good', text: `Synced to the end: ${counts}.` }
    case 'partial':
      return { tone: 'info', text: `Stopped before the end (${result.reason}): ${counts}.` }
    case 'skipped':
      return { tone: 'bad', text: `Not begun: ${result.message}` }
    case 'failed':
      return { tone: 'bad', text: `Failed after ${counts}: ${result.error.message}` }
  }
}
