import type { Connectors } from '../core/connectors.ts'
import { misuse } from './cli-error.ts'
import { closest } from './closest.ts'
import { defineCommand } from './command.ts'
import { counted } from './text-table.ts'
import { appOptions, withApp } from './with-app.ts'

type Webhooks = Connectors['operator']['webhooks']
type Filter = NonNullable<Parameters<Webhooks['list']>[0]>

const statuses = ['dead', 'failed', 'unhandled', 'processed'] as const

/** `bapp-connectors webhooks replay`: has deliveries processed anew. */
export const webhooksReplayCommand = defineCommand(
  {
    name: 'webhooks replay',
    summary: 'have stored webhook deliveries processed anew',
    operands: ['[eventId]'],
    options: {
      ...appOptions,
      status: { type: 'string', value: '<status>', help: `${statuses.join(', ')}; default: dead` },
      type: { type: 'string', value: '<type>', help: 'only this event type, e.g. order.created' },
      connection: { type: 'string', value: '<id>', help: 'only those of this connection' },
      provider: { type: 'string', value: '<name>', help: 'only those of this provider' },
      'dry-run': { type: 'boolean', help: 'only count them' },
    },
    notes:
      'They are due at once, with all their retries; whoever processes what is due (a worker, operator.webhooks.processDue)\n' +
      'takes them. Those whose body was removed are skipped.',
  },
  async (
    environment,
    { json = false, 'dry-run': isDry = false, status, type, connection, provider, ...values },
    eventId,
  ) => {
    const filter: Filter = {
      status: statusOf(status),
      ...(type === undefined ? {} : { eventType: type }),
      ...(connection === undefined ? {} : { connectionId: connection }),
      ...(provider === undefined ? {} : { provider }),
    }
    const isNarrow = Object.keys(filter).length > 1
    if (eventId !== undefined && (isNarrow || isDry || status !== undefined)) {
      throw misuse('A delivery that is named by its id needs no options that choose some.')
    }
    if (filter.status === 'processed' && !isNarrow) {
      throw misuse('That would do again everything ever done. Say which, with --type, --connection or --provider.')
    }
    return withApp(environment, values, async ({ operator: { webhooks } }) => {
      const answer = (result: object, text: string) =>
        environment.write(json ? `${JSON.stringify(result, null, 2)}\n` : `${text}\n`)
      if (eventId !== undefined) {
        const { id, status: became } = await webhooks.replay(eventId)
        const isDue = became === 'received'
        answer({ id, status: became }, `The delivery ${id} is ${isDue ? 'due' : `as it was: ${became}`}.`)
      } else if (isDry) {
        const matchingCount = await count(webhooks.list(filter))
        answer({ matchingCount }, `${counted(matchingCount)} deliveries match; nothing is changed.`)
      } else {
        const result = await webhooks.replay(filter)
        const skipped =
          result.skippedCount === 0
            ? ''
            : ` ${counted(result.skippedCount)} were skipped: their body is gone, or somebody was faster.`
        answer(result, `${counted(result.replayedCount)} deliveries are due now.${skipped}`)
      }
      return undefined
    })
  },
)

function statusOf(given: string | undefined): (typeof statuses)[number] {
  if (given === undefined) return 'dead'
  const found = statuses.find((status) => status === given)
  if (found !== undefined) return found
  const meant = closest(given, statuses)
  const hint = meant === null ? '' : ` Did you mean ${meant}?`
  throw misuse(`--status must be one of ${statuses.join(', ')}; it is "${given}".${hint}`)
}

async function count(items: AsyncIterable<unknown>): Promise<number> {
  let number = 0
  for await (const _ of items) number += 1
  return number
}
