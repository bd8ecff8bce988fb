import { expect, test } from 'vitest'
import { createShopWorld } from '../support/shop-world.ts'

const act = { actor: 'jo@example.com', action: 'connections.disable' }

test('what a person did is a row of the audit trail, listed by itself and counted as no call', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  const acme = connectors.forTenant('acme')
  await acme.executions.record({ ...act, connectionId: id, details: { reason: 'moved' }, outcome: 'done' })
  expect(await acme.executions.list({ runId: 'operator' }).all()).toEqual([
    expect.objectContaining({
      ...act,
      connectionId: id,
      tenantId: 'acme',
      method: 'ACT',
      requestPayload: '{"reason":"moved"}',
      responsePayload: 'done',
    }),
  ])
  const { byOutcome, failedCount } = await acme.executions.stats()
  expect([byOutcome.other, failedCount]).toEqual([1, 0])
})

test('secrets of the connection are not written down with it', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme', { token: 'token-of-acme-1234' })
  const row = await connectors.operator.executions.record({
    ...act,
    connectionId: id,
    details: { reason: 'the token token-of-acme-1234 leaked', password: 'hunter2' },
    outcome: 'token-of-acme-1234 was refused',
  })
  expect(JSON.stringify(row)).not.toMatch(/token-of-acme-1234|hunter2/)
})

test('it is the tenant’s own connection, or none', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  const record = (tenantId: string) => connectors.forTenant(tenantId).executions.record({ ...act, connectionId: id })
  await expect(record('globex')).rejects.toMatchObject({ code: 'CONNECTION_NOT_FOUND' })
  await connectors.forTenant('acme').connections.delete(id)
  await expect(record('acme')).resolves.toMatchObject({ connectionId: id })
})

test('an act without a person is refused', async () => {
  const { connectors, connect } = await createShopWorld()
  const { id } = await connect('acme')
  await expect(connectors.operator.executions.record({ ...act, connectionId: id, actor: '' })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  })
})
