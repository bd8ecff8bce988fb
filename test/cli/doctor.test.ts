import { expect, test } from 'vitest'
import { webhookRetryDelaysMs } from '../../src/core/domain/backoff.ts'
import { createConnectors } from '../../src/create-connectors.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorldOver, shopDelivery, testKey } from '../support/shop-world.ts'
import { applicationWith } from './application-with.ts'
import { doctorApp, examineApp } from './doctor-app.ts'

const minutes = 60_000
const days = 24 * 60 * minutes
const silent = { debug() {}, info() {}, warn() {}, error() {} }

const codesOf = ({ findings }: Awaited<ReturnType<typeof examineApp>>) => findings.map(({ code }) => code)

/** A delivery of an order's event. */
const delivery = (type: string, deliveryId = 'd1') =>
  shopDelivery(JSON.stringify({ type, orderId: 'o1' }), { deliveryId })

test('of a healthy application nothing is found: after a sync, a delivery and a call', async () => {
  const { connectors, connectionId, examine } = await doctorApp({ orderCount: 3 })
  connectors.webhooks.handle('order.created', async () => {})
  await connectors.operator.sync.run(connectionId, 'orders')
  await connectors.operator.sync.schedule(connectionId, 'orders', { everyMs: 60 * minutes })
  await connectors.operator.webhooks.receive(connectionId, delivery('order.created'))
  await connectors.operator.webhooks.processDue()
  const report = await examine()
  expect(report).toMatchObject({ status: 'healthy', problemCount: 0, noticeCount: 0, findings: [] })
  expect(report.checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
    // In memory there are no tables.
    'schema skipped',
    'application checked',
    'database checked',
    'queue checked',
    'keys checked',
    'connections checked',
    'syncs checked',
    'handlers checked',
    'webhooks checked',
    'clock checked',
  ])
})

test('SYNC_STUCK: a process died while it ran, and nobody took over', async () => {
  const { repositories, connectionId, clock, examine } = await doctorApp()
  await repositories.syncStates.acquire(
    { tenantId: 't1', connectionId, resourceType: 'orders' },
    { id: 's1', owner: 'gone', at: clock.now(), leaseMs: 60_000, clockSkewMs: 10_000, begin: 'resume' },
  )
  await clock.advance(2 * minutes)
  expect(codesOf(await examine())).toEqual([])
  await clock.advance(5 * minutes)
  const { findings } = await examine()
  expect(findings).toMatchObject([{ code: 'SYNC_STUCK', examples: [`${connectionId} orders`] }])
})

test('SYNC_OVERDUE: a schedule that nobody runs', async () => {
  const { connectors, connectionId, clock, examine } = await doctorApp()
  await connectors.operator.sync.schedule(connectionId, 'orders', { everyMs: 60 * minutes })
  await clock.advance(15 * minutes)
  expect(codesOf(await examine())).toEqual([])
  await clock.advance(1)
  const { findings } = await examine()
  expect(findings).toMatchObject([{ code: 'SYNC_OVERDUE', examples: [`${connectionId} orders`] }])
  expect(findings[0]?.message).toContain('since 2026-03-01T12:00:00.000Z')
})

test('SYNC_FAILING: the handler fails every time, and what it threw is not told', async () => {
  const { connectors, connectionId, clock, examine } = await doctorApp({
    orderCount: 1,
    handlers: {
      'shop.orders': async () => {
        throw new Error('a secret')
      },
    },
  })
  for (let count = 0; count < 3; count += 1) {
    expect(codesOf(await examine())).toEqual([])
    await connectors.operator.sync.run(connectionId, 'orders')
    await clock.advance(60 * minutes)
  }
  const report = await examine()
  expect(codesOf(report)).toEqual(['SYNC_FAILING'])
  expect(JSON.stringify(report)).not.toContain('a secret')
})

test('SCHEDULE_UNHANDLED and RESOURCE_UNHANDLED: this process has no handler', async () => {
  const { connectors, repositories, connectionId, examine } = await doctorApp()
  const without = await createShopWorldOver(repositories)
  expect(await examineApp(without.connectors)).toMatchObject({
    status: 'healthy',
    findings: [{ code: 'RESOURCE_UNHANDLED', level: 'notice', examples: ['shop.orders'] }],
  })
  await connectors.operator.sync.schedule(connectionId, 'orders', { everyMs: 60 * minutes })
  expect(await examineApp(without.connectors)).toMatchObject({
    findings: [{ code: 'SCHEDULE_UNHANDLED', level: 'problem', examples: ['shop.orders'] }],
  })
  expect(codesOf(await examine())).toEqual([])
})

test('WEBHOOK_OVERDUE: a delivery that nobody processes', async () => {
  const { connectors, connectionId, clock, examine } = await doctorApp()
  connectors.webhooks.handle('order.created', async () => {})
  const { event } = Object(await connectors.operator.webhooks.receive(connectionId, delivery('order.created')))
  await clock.advance(15 * minutes)
  expect(codesOf(await examine())).toEqual([])
  await clock.advance(1)
  expect((await examine()).findings).toMatchObject([{ code: 'WEBHOOK_OVERDUE', examples: [event.id] }])
})

test('WEBHOOK_DEAD and WEBHOOK_DEAD_LONG: what was given up is a problem for 7 days, and none if somebody skipped it', async () => {
  const { connectors, connectionId, clock, examine } = await doctorApp()
  connectors.webhooks.handle('*', async () => {
    throw new Error('out of order')
  })
  const { webhooks } = connectors.operator
  await webhooks.receive(connectionId, delivery('order.created'))
  for (const waitMs of [...webhookRetryDelaysMs, 0]) {
    await webhooks.processDue()
    await clock.advance(waitMs * 1.2)
  }
  const { event } = Object(await webhooks.receive(connectionId, delivery('order.created', 'd2')))
  await webhooks.skip(event.id)
  expect((await examine()).findings).toMatchObject([{ code: 'WEBHOOK_DEAD', level: 'problem' }])
  await clock.advance(7 * days + 1)
  expect(await examine()).toMatchObject({ status: 'healthy', findings: [{ code: 'WEBHOOK_DEAD_LONG' }] })
})

test('WEBHOOK_UNHANDLED: deliveries of a type that nothing handles', async () => {
  const { connectors, connectionId, examine } = await doctorApp()
  const { webhooks } = connectors.operator
  const { event } = Object(await webhooks.receive(connectionId, delivery('order.paid')))
  await webhooks.process(event.id)
  expect(await examine()).toMatchObject({
    status: 'healthy',
    findings: [{ code: 'WEBHOOK_UNHANDLED', examples: ['order.paid'] }],
  })
})

test('CONNECTION_REFUSED, CONNECTION_DISABLED and CONNECTION_UNTESTED: why connections are off', async () => {
  const { connectors, connect, examine } = await doctorApp()
  const refused = await connect('t2', { token: 'wrong' })
  const disabled = await connect('t3')
  await connectors.operator.connections.disable(disabled.id)
  const untested = await connect('t4', { test: false })
  expect((await examine()).findings).toMatchObject([
    { code: 'CONNECTION_REFUSED', level: 'problem', examples: [refused.id] },
    { code: 'CONNECTION_DISABLED', level: 'notice', examples: [disabled.id] },
    { code: 'CONNECTION_UNTESTED', level: 'notice', examples: [untested.id] },
  ])
})

test('CONNECTION_UNAUTHORIZED: the provider took the grant back', async () => {
  const { repositories, connectionId, clock, examine } = await doctorApp()
  await repositories.connections.recordAuthFailure(
    { tenantId: 't1', id: connectionId },
    {
      at: clock.now(),
      reason: 'invalid_grant',
      threshold: 3,
      credentialsVersion: 1,
      disconnect: true,
      needsReauthorization: true,
    },
  )
  expect((await examine()).findings).toMatchObject([{ code: 'CONNECTION_UNAUTHORIZED', examples: [connectionId] }])
})

test('PROVIDER_UNKNOWN: connections to a provider that is not registered any more', async () => {
  const { repositories } = await doctorApp()
  const other = createConnectors(repositories, {
    providers: [{ ...shop, name: 'othershop' }],
    encryption: { keys: [{ id: 'test-key', key: testKey() }] },
    clock: createFakeClock(),
    logger: silent,
  })
  expect((await examineApp(other)).findings).toMatchObject([{ code: 'PROVIDER_UNKNOWN', examples: ['shop.testshop'] }])
})

test('CLOCK_BEHIND: another process wrote what is in the future here', async () => {
  const { repositories, clock } = await doctorApp()
  const behind = (ms: number) =>
    createShopWorldOver(repositories, {
      handlers: { 'shop.orders': async () => {} },
      clock: createFakeClock(new Date(clock.now().getTime() - ms)),
    })
  expect(codesOf(await examineApp((await behind(10_000)).connectors))).toEqual([])
  expect(codesOf(await examineApp((await behind(10_001)).connectors))).toEqual(['CLOCK_BEHIND'])
  const { findings } = await examineApp((await behind(61_000)).connectors)
  expect(findings).toMatchObject([{ code: 'CLOCK_BEHIND', message: expect.stringContaining('61 seconds') }])
})

test('KEY_OLD, KEY_MISSING and KEY_WRONG: what the keys of this process can open', async () => {
  const { repositories } = await doctorApp()
  const over = (keys: { id: string; key: string }[]) =>
    createShopWorldOver(repositories, { encryption: { keys }, handlers: { 'shop.orders': async () => {} } })
  const old = { id: 'test-key', key: testKey() }
  const fresh = { id: 'fresh', key: testKey(2) }
  expect(await examineApp((await over([fresh, old])).connectors)).toMatchObject({
    status: 'healthy',
    findings: [{ code: 'KEY_OLD', level: 'notice', examples: ['test-key'] }],
  })
  expect((await examineApp((await over([fresh])).connectors)).findings).toMatchObject([
    { code: 'KEY_MISSING', level: 'problem', examples: ['test-key'] },
  ])
  const wrong = await examineApp((await over([{ id: 'test-key', key: testKey(3) }])).connectors)
  expect(wrong.findings).toMatchObject([{ code: 'KEY_WRONG', check: 'keys' }])
  expect(wrong.checks).toContainEqual({ name: 'syncs', status: 'skipped', reason: expect.any(String) })
  expect(JSON.stringify(wrong)).not.toContain(testKey(3))
})

test('VALUE_UNREADABLE: something else wrote into a sealed column', async () => {
  const { repositories, connectionId, clock, examine } = await doctorApp()
  await repositories.connections.replaceCredentials(
    { tenantId: 't1', id: connectionId },
    {
      at: clock.now(),
      expectedCredentialsVersion: 1,
      credentialsEncrypted: 'token-in-plain-text',
      tokenExpiresAt: null,
      tokenRefreshAt: null,
    },
  )
  const report = await examine()
  expect(codesOf(report)).toEqual(['VALUE_UNREADABLE'])
  expect(JSON.stringify(report)).not.toContain('token-in-plain-text')
})

test('for people it is a table of the checks, then what to do, problems first', async () => {
  const { connectors, connect } = await doctorApp()
  const disabled = await connect('t3')
  await connectors.operator.connections.disable(disabled.id)
  const { id } = await connect('t2', { token: 'wrong' })
  const { code, stdout } = await (await applicationWith(() => connectors)).run('doctor --app app.mjs')
  expect(code).toBe(1)
  expect(stdout).toMatch(/^check {8}result$/m)
  expect(stdout).toMatch(/^connections {2}1 problem, 1 notice$/m)
  expect(stdout).toMatch(/^webhooks {5}fine$/m)
  expect(stdout).toContain(
    `problem CONNECTION_REFUSED\n  1 connection: the provider refused the credentials.\n  Such as: ${id}\n  To do: `,
  )
  expect(stdout.indexOf('notice CONNECTION_DISABLED')).toBeGreaterThan(stdout.indexOf('problem CONNECTION_REFUSED'))
  expect(stdout).toMatch(/\n1 problem, 1 notice\.\n$/)
})

test('what cannot be loaded cannot be checked: exit code 2, and why', async () => {
  const folder = await applicationWith(() => ({}))
  expect(await folder.run('doctor --app app.mjs')).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/^application {2}NOT CHECKED: .*not what createConnectors answered/m),
  })
  expect(await folder.run('doctor --app missing.mjs')).toMatchObject({
    code: 2,
    stdout: expect.stringContaining("isn't there"),
  })
  expect(await folder.run('doctor')).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('No Prisma schema found'),
  })
  expect(await folder.run('doctor --ap app.mjs')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean --app?'),
  })
})
