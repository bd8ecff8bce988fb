import { type Finding, findingOf } from './finding.ts'
import { countText, firstRows, lateMs, type Patient } from './patient.ts'

/** What died longer ago than this is not news. */
const longMs = 7 * 24 * 3_600_000
const dueCount = 1_000

/** Whether deliveries are processed. */
export async function checkWebhooks({ connectors, at }: Patient): Promise<readonly Finding[]> {
  const { webhooks } = connectors.operator
  // The longest-waiting come first.
  const due = await webhooks.due({ limit: dueCount })
  const first = due[0] === undefined ? null : await webhooks.get(due[0].eventId)
  const since = first === null ? at : (first.availableAt ?? first.createdAt)
  const isLate = at.getTime() - since.getTime() > lateMs
  // Somebody has decided about those that were skipped.
  const dead = (await firstRows(webhooks.list({ status: 'dead' }))).filter(({ errorKind }) => errorKind !== 'skipped')
  const isLongDead = ({ createdAt }: { readonly createdAt: Date }) => at.getTime() - createdAt.getTime() > longMs
  const unhandled = await firstRows(webhooks.list({ status: 'unhandled' }))
  const idOf = ({ id }: { readonly id: string }) => id
  const replay = 'Mend the cause (errorKind and error of each say which), then npx bapp-connectors webhooks replay.'
  return [
    ...findingOf(
      isLate ? due : [],
      ({ eventId }) => eventId,
      (count) => ({
        code: 'WEBHOOK_OVERDUE',
        message: `${countText(count, 'delivery', dueCount)} due, the first since ${since.toISOString()}, and nobody processes them.`,
        advice: 'Start a worker (connectors.work), or more of them; without one call operator.webhooks.processDue.',
      }),
    ),
    ...findingOf(
      dead.filter((event) => !isLongDead(event)),
      idOf,
      (count) => ({
        code: 'WEBHOOK_DEAD',
        message: `${countText(count, 'delivery')} of the last 7 days: dead, given up after all retries.`,
        advice: replay,
      }),
    ),
    ...findingOf(dead.filter(isLongDead), idOf, (count) => ({
      code: 'WEBHOOK_DEAD_LONG',
      message: `${countText(count, 'older delivery')}: dead.`,
      advice: replay,
    })),
    ...findingOf(
      unhandled,
      ({ eventType }) => eventType,
      (count) => ({
        code: 'WEBHOOK_UNHANDLED',
        message: `${countText(count, 'delivery')} of types that nothing handled when they came.`,
        advice: 'Add a handler (connectors.webhooks.handle) and they are processed, or register fewer events.',
      }),
    ),
  ]
}
