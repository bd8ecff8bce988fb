import type { SyncResult } from '../core/domain/sync-result.ts'
import { misuse } from './cli-error.ts'
import { defineCommand } from './command.ts'
import { createProgressBar } from './progress-bar.ts'
import { counted } from './text-table.ts'
import { appOptions, withApp } from './with-app.ts'

/** `bapp-connectors sync run`: one run of one sync, by this process. */
export const syncRunCommand = defineCommand(
  {
    name: 'sync run',
    summary: 'run a sync of a connection now, in this process',
    operands: ['<connectionId>', '<resource>'],
    options: {
      ...appOptions,
      full: {
        type: 'boolean',
        help: 'begin a full pass, from the beginning; without it the run goes on where the last ended',
      },
      'max-pages': { type: 'string', value: '<n>', help: 'stop after so many pages; default: at the end' },
    },
    notes:
      'Pages are handled by the handlers of your instance. Ctrl+C stops it: what is committed stays, the next run goes on.\n' +
      'Exit code 1: it failed, was skipped, or stopped before its end without --max-pages.',
  },
  async (
    environment,
    { json = false, full = false, 'max-pages': maxPages, ...values },
    connectionId = '',
    resource = '',
  ) => {
    if (maxPages !== undefined && !/^[1-9]\d{0,8}$/.test(maxPages)) {
      throw misuse(`--max-pages must be a whole number of 1 or more; it is "${maxPages}".`)
    }
    return withApp(environment, values, async ({ operator: { sync } }) => {
      // How many there are only the provider knows.
      const bar = createProgressBar(environment, { unit: 'items', total: null })
      const stop = new AbortController()
      const forget = environment.onInterrupt(() => stop.abort())
      const run = full ? sync.full : sync.run
      // Of providers that could be any, types know no resource; the library checks it.
      const result = await run(connectionId, resource as never, {
        signal: stop.signal,
        onProgress: ({ itemCount, pageCount }) => bar.update(itemCount, `${counted(pageCount)} pages`),
        ...(maxPages === undefined ? {} : { maxPages: Number(maxPages) }),
      }).finally(() => {
        forget()
        bar.end()
      })
      environment.write(json ? `${JSON.stringify(toJson(result), null, 2)}\n` : described(result))
      const isAsAsked = result.status === 'partial' && result.reason === 'max-pages'
      return result.status === 'completed' || isAsAsked ? 0 : 1
    })
  },
)

/** Of an error JSON would keep nothing. */
function toJson(result: SyncResult) {
  if (result.status !== 'failed') return result
  const { code, message, retryable } = result.error
  return { ...result, error: { code, message, retryable } }
}

function described(result: SyncResult): string {
  const { itemCount, pageCount, rejected, rejectedCount } = result
  const counts = `${counted(itemCount)} items in ${counted(pageCount)} pages`
  const told = rejected.map(({ externalId, reason }) => `  ${externalId}: ${reason}\n`).join('')
  const rejects = rejectedCount === 0 ? '' : `${counted(rejectedCount)} of them were rejected by the handler:\n${told}`
  switch (result.status) {
    case 'completed':
      return `Completed: ${counts}.\n${rejects}`
    case 'skipped':
      return `Skipped (${result.reason}): ${result.message}\n`
    case 'partial':
      return `Stopped before the end (${result.reason}): ${counts}. To go on, run it again without --full.\n${rejects}`
    case 'failed':
      return `Failed (${result.kind}) after ${counts}: ${result.error.message} (${result.error.code})\n${rejects}`
  }
}
