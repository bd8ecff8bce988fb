import type { Checklist } from './checklist.ts'
import type { DemoConnections } from './connect-tenants.ts'
import type { DemoWorld } from './start-demo-world.ts'

/** Revokes the token of globex at GitHub, watches the circuit breaker trip, and mends it with a new token. */
export async function breakCredentials(
  { connectors, secrets, server }: DemoWorld,
  connections: DemoConnections,
  checklist: Checklist,
): Promise<void> {
  const globex = connectors.forTenant('globex')
  const disabled: string[] = []
  const unsubscribe = connectors.on('connection.disabled', ({ tenantId, authFailureCount, reason }) => {
    disabled.push(tenantId)
    console.log(`  ${tenantId}  disabled after ${authFailureCount} failures: ${reason}`)
  })
  const run = async () => {
    const result = await globex.sync.run(connections.globex, 'issues')
    if (result.status === 'failed') return `failed: ${result.kind}`
    return result.status === 'skipped' ? `skipped: ${result.reason}` : result.status
  }
  let countedUpTo = server.requests.length
  const requestsSince = () => {
    const count = server.requests.length - countedUpTo
    countedUpTo = server.requests.length
    return count
  }
  const isOperational = async (id: string) => (await connectors.operator.connections.get(id)).isOperational

  server.refuse(secrets.globex.token)
  const refused = 'failed: authentication'
  checklist.expect('globex: first run with it', refused, await run())
  checklist.expect('globex: second run', refused, await run())
  checklist.expect('connection.disabled so far', 0, disabled.length)
  checklist.expect('globex: third run', refused, await run())
  checklist.expect('connection.disabled now', 'globex', disabled.join(', '))
  checklist.expect('requests of these runs', 3, requestsSince())
  checklist.expect('globex: next run', 'skipped: disabled', await run())
  checklist.expect('requests of this run', 0, requestsSince())
  checklist.expect('connection.disabled in all', 'globex', disabled.join(', '))
  checklist.expect('acme: operational all the while', true, await isOperational(connections.acme))

  await globex.connections.rotateCredentials(connections.globex, { token: secrets.globex.newToken })
  checklist.expect('globex: a new token alone enables nothing', false, await isOperational(connections.globex))
  const { status, message } = await globex.connections.enable(connections.globex)
  console.log(`  globex  enabled with a new token: ${message}`)
  checklist.expect('globex: enable() tests the new token', 'connected', status)
  checklist.expect('globex: run', 'completed', await run())
  checklist.expect('requests of test and run', 2, requestsSince())
  unsubscribe()
}
