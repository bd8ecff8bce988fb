import type { Checklist } from './checklist.ts'
import type { DemoConnections } from './connect-tenants.ts'
import type { DemoWorld } from './start-demo-world.ts'

/** Failures in a row that disable a connection, unless the option `breaker.threshold` says otherwise. */
const threshold = 3

/** Revokes the token of globex at GitHub, watches the circuit breaker trip, and mends it with a new token. */
export async function breakCredentials(
  { connectors, secrets, server }: DemoWorld,
  connections: DemoConnections,
  checklist: Checklist,
): Promise<void> {
  const globex = connectors.forTenant('globex')
  let disabledCount = 0
  const unsubscribe = connectors.on('connection.disabled', ({ connectionId, reason, authFailureCount }) => {
    disabledCount += connectionId === connections.globex ? 1 : Number.NaN
    console.log(`  globex  connection.disabled after ${authFailureCount} failures: ${reason}`)
  })
  const run = async () => {
    const before = server.requests.length
    const result = await globex.sync.run(connections.globex, 'issues')
    const why = result.status === 'failed' ? result.kind : result.status === 'skipped' ? result.reason : 'nothing wrong'
    return `${result.status}, ${why}, ${server.requests.length - before} requests`
  }
  const isOperational = async (id: string) => (await connectors.operator.connections.get(id)).isOperational

  server.refuse(secrets.globex.token)
  for (let attempt = 1; attempt <= threshold; attempt += 1) {
    checklist.expect(`globex: run ${attempt}`, 'failed, authentication, 1 requests', await run())
    checklist.expect(`connection.disabled so far`, attempt < threshold ? 0 : 1, disabledCount)
  }
  checklist.expect('globex: next run', 'skipped, disabled, 0 requests', await run())
  checklist.expect('connection.disabled in all', 1, disabledCount)
  checklist.expect('acme: operational all the while', true, await isOperational(connections.acme))

  await globex.connections.rotateCredentials(connections.globex, { token: secrets.globex.newToken })
  const { status, message } = await globex.connections.enable(connections.globex)
  console.log(`  globex  enabled with a new token: ${message}`)
  checklist.expect('globex: new token, enable() tests it', 'connected', status)
  checklist.expect('globex: operational again', true, await isOperational(connections.globex))
  checklist.expect('globex: run', 'completed, nothing wrong, 1 requests', await run())
  unsubscribe()
}
