import { inspect } from 'node:util'
import { isConnectorsError } from 'bapp-connectors'
import { github } from 'bapp-connectors/providers/github'
import type { Checklist } from './checklist.ts'
import type { DemoConnections } from './connect-tenants.ts'
import { exampleDeliveries, signedRequest } from './example-deliveries.ts'
import type { DemoWorld } from './start-demo-world.ts'

/** Lets globex try every verb on what belongs to acme. */
export async function checkIsolation(
  { connectors, prisma, secrets, server }: DemoWorld,
  { acme: foreignId }: DemoConnections,
  checklist: Checklist,
): Promise<void> {
  const acme = connectors.forTenant('acme')
  const globex = connectors.forTenant('globex')
  const [foreignEvent] = (await acme.webhooks.list().page({ limit: 1 })).items
  const foreignEventId = foreignEvent?.id ?? ''
  const [example] = exampleDeliveries()
  if (example === undefined) return
  // Signed with acme's own secret: even a genuine delivery must not come in through globex.
  const genuine = () => signedRequest(foreignId, example, secrets.acme.webhookSecret)
  const rowsOfAcme = async () =>
    inspect([
      await prisma.connection.findMany({ where: { tenantId: 'acme' } }),
      await prisma.syncState.findMany({ where: { tenantId: 'acme' } }),
      // A forged delivery may be kept as evidence; it is not acme's.
      await prisma.webhookEvent.count({ where: { tenantId: 'acme', status: { not: 'rejected' } } }),
    ])

  const { connections, sync, webhooks, executions } = globex
  const attempts: readonly (() => Promise<unknown>)[] = [
    () => connections.get(foreignId),
    () => connections.update(foreignId, { displayName: 'taken over' }),
    () => connections.validateSettings(foreignId, {}),
    () => connections.updateSettings(foreignId, { baseUrl: server.origin }),
    () => connections.rotateCredentials(foreignId, { token: secrets.globex.newToken }),
    () => connections.rotateWebhookSecret(foreignId, { secret: secrets.globex.webhookSecret }),
    () => connections.test(foreignId),
    () => connections.enable(foreignId),
    () => connections.disable(foreignId),
    () => connections.adapter(foreignId, github),
    () => connections.delete(foreignId),
    () => sync.page(foreignId, 'issues'),
    () => sync.run(foreignId, 'issues'),
    () => sync.full(foreignId, 'issues'),
    () => sync.state(foreignId, 'issues'),
    async () => webhooks.receive(foreignId, await genuine()),
    () => webhooks.get(foreignEventId),
    () => webhooks.process(foreignEventId),
  ]
  const before = { rows: await rowsOfAcme(), requestCount: server.requests.length }
  const refusals = await Promise.all(attempts.map(isNotFound))
  checklist.expect('verbs that answer "not found"', attempts.length, refusals.filter(Boolean).length)

  const own = await connections.list().all()
  checklist.expect('connections that globex can list', 1, own.length)
  checklist.expect(
    'deliveries listed by foreign id',
    0,
    (await webhooks.list({ connectionId: foreignId }).all()).length,
  )
  checklist.expect('calls listed by foreign id', 0, (await executions.list({ connectionId: foreignId }).all()).length)
  const visible = [...own, ...(await webhooks.list().all()), ...(await executions.list().all())]
  checklist.expect('rows of others in its lists', 0, visible.filter(({ tenantId }) => tenantId !== 'globex').length)

  const forged = await connectors.handler(await signedRequest(foreignId, example, secrets.globex.webhookSecret))
  checklist.expect('acme’s URL, signed with globex’s secret', 401, forged.status)
  checklist.expect('requests sent on behalf of acme', 0, server.requests.length - before.requestCount)
  checklist.expect('acme’s rows as they were', true, before.rows === (await rowsOfAcme()))
}

async function isNotFound(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt()
    return false
  } catch (error) {
    return isConnectorsError(error, 'CONNECTION_NOT_FOUND') || isConnectorsError(error, 'WEBHOOK_EVENT_NOT_FOUND')
  }
}
