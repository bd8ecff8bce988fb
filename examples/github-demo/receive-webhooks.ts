import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Checklist } from './checklist.ts'
import type { DemoConnections } from './connect-tenants.ts'
import { countOf } from './count-of.ts'
import { type ExampleDelivery, exampleDeliveries, signedRequest } from './example-deliveries.ts'
import type { DemoWorld } from './start-demo-world.ts'

/** How many payloads the package ships. */
const payloadCount = 329
/** How long processing may go on after the last answer, before the demo gives up. */
const patienceMs = 60_000

/**
 * Delivers every example payload of GitHub: twice to acme (at the same time, as a retry may overtake) and once to globex,
 * and before that two that must be refused. Waits until all accepted ones are processed.
 */
export async function receiveWebhooks(
  { connectors, isQueued, prisma, secrets }: DemoWorld,
  connections: DemoConnections,
  checklist: Checklist,
): Promise<void> {
  const examples = exampleDeliveries()
  checklist.expect('payloads of @octokit/webhooks-examples', payloadCount, examples.length)

  const settled = watchProcessing(connectors)
  const deliver = async (request: Request) => String((await connectors.handler(request)).status)
  const toAcme = (example: ExampleDelivery) => signedRequest(connections.acme, example, secrets.acme.webhookSecret)
  const toGlobex = (example: ExampleDelivery) =>
    signedRequest(connections.globex, example, secrets.globex.webhookSecret)

  // With genuine delivery ids, which the genuine deliveries that follow must still find free.
  const [first, second] = examples
  if (first === undefined || second === undefined) return
  const tampered = new Request(await toAcme(first), { body: first.body.replace('"id":', '"id":1') })
  const unsigned = await toAcme(second)
  unsigned.headers.delete('x-hub-signature-256')
  checklist.expect('a tampered delivery, answered', '401', await deliver(tampered))
  checklist.expect('an unsigned delivery, answered', '401', await deliver(unsigned))

  const startedAt = performance.now()
  const statuses: string[] = []
  const told: string[] = []
  connectors.on('webhook.received', ({ tenantId }) => told.push(`${tenantId}: accepted`))
  connectors.on('webhook.duplicated', ({ tenantId }) => told.push(`${tenantId}: duplicates`))
  for (const example of examples) {
    // Real deliveries come in between turns of the event loop. libSQL's calls are synchronous: a chain of them would
    // leave timers and sockets no turn until the last delivery is done.
    await nextTurn()
    const requests = [await toAcme(example), await toAcme(example), await toGlobex(example)]
    statuses.push(...(await Promise.all(requests.map(deliver))))
  }
  checklist.expect('deliveries answered with 200', 3 * payloadCount, countOf(statuses, '200'))
  for (const what of ['acme: accepted', 'acme: duplicates', 'globex: accepted']) {
    checklist.expect(what, payloadCount, countOf(told, what))
  }
  console.log(`  ${statuses.length} deliveries answered in ${secondsSince(startedAt)} s`)

  // Processing follows the answer, in the background; a process that died in between would start with this line.
  if (!isQueued) await connectors.operator.webhooks.processDue({ limit: 1_000 })
  await settled.upTo(2 * payloadCount, AbortSignal.timeout(patienceMs))
  console.log(`  ${settled.count()} deliveries processed, ${secondsSince(startedAt)} s after the first one came in`)

  for (const tenantId of ['acme', 'globex'] as const) {
    const { webhooks } = connectors.forTenant(tenantId)
    const stored = await webhooks.list().all()
    const found = stored.map(({ status }) => status)
    const rows = await prisma.activity.findMany({ where: { tenantId } })
    checklist.expect(`${tenantId}: processed`, payloadCount, countOf(found, 'processed'))
    checklist.expect(`${tenantId}: rows written by the handler`, payloadCount, rows.length)
    checklist.expect(`${tenantId}: refused`, tenantId === 'acme' ? 2 : 0, countOf(found, 'rejected'))
    checklist.expect(
      `${tenantId}: neither processed nor refused`,
      0,
      stored.length - countOf(found, 'processed', 'rejected'),
    )
  }
}

/** Counts the deliveries whose processing ended, one way or another. */
function watchProcessing({ on }: Pick<DemoWorld['connectors'], 'on'>) {
  let count = 0
  let wake = () => {}
  const tick = () => {
    count += 1
    wake()
  }
  for (const name of ['webhook.processed', 'webhook.failed', 'webhook.dead'] as const) on(name, tick)
  return {
    count: () => count,
    upTo: async (target: number, patience: AbortSignal) => {
      const expired = new Promise<void>((resolve) =>
        patience.addEventListener('abort', () => resolve(), { once: true }),
      )
      while (count < target && !patience.aborted) {
        const next = new Promise<void>((resolve) => {
          wake = resolve
        })
        await Promise.race([next, expired])
      }
    },
  }
}

function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1_000).toFixed(1)
}
