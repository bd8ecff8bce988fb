import assert from 'node:assert/strict'
import { isConnectorsError } from '../../core/domain/errors.ts'
import { operatorScope, tenantScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newConnection } from '../new-connection.ts'
import { newExecutionLog } from '../new-execution-log.ts'
import { newId } from '../new-id.ts'
import { newOAuthState } from '../new-oauth-state.ts'
import { newWebhookEvent } from '../new-webhook-event.ts'
import { givenConnection } from './given-connection.ts'
import { race } from './race.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'

const limits = { timeoutMs: 30_000, maxWaitMs: 30_000 }

const lease = { owner: 'worker', at: instant(0), leaseMs: 60_000, clockSkewMs: 10_000, begin: 'resume' } as const

/** What a transaction over several repositories promises. */
export const transactionCases: readonly RepositoryContractCase[] = [
  {
    id: 'transaction/commit/all',
    title: 'what all repositories wrote is there after the commit, and the answer of the work comes back',
    async run(context) {
      const { repositories } = context
      const connection = newConnection({ tenantId: await context.newTenantId() })
      const { tenantId, id: connectionId } = connection
      const event = newWebhookEvent({ tenantId, connectionId })
      const log = newExecutionLog({ tenantId, connectionId })
      const answer = await repositories.transaction(async (inside) => {
        await inside.repositories.connections.create(connection)
        await inside.repositories.syncStates.acquire(
          { tenantId, connectionId, resourceType: 'orders' },
          { ...lease, id: newId() },
        )
        await inside.repositories.webhookEvents.insertIfAbsent(event)
        await inside.repositories.executionLogs.appendMany([log])
        return 42
      }, limits)
      assert.equal(answer, 42)
      const scope = tenantScope(tenantId)
      assert.deepEqual(await repositories.connections.find({ scope, id: connectionId }), connection)
      assert.equal(
        (await repositories.syncStates.list({ scope, filter: {}, at: instant(0), limit: 10 })).items.length,
        1,
      )
      assert.equal((await repositories.webhookEvents.list({ scope, filter: {}, limit: 10 })).items.length, 1)
      assert.equal((await repositories.executionLogs.list({ scope, filter: {}, limit: 10 })).items.length, 1)
    },
  },
  {
    id: 'transaction/rollback/all',
    title: 'nothing that any repository wrote is there after an error, which is rethrown as the same object',
    async run(context) {
      const { repositories } = context
      const stored = await givenConnection(context)
      const { tenantId, id: connectionId } = stored
      const boom = new Error('the handler failed')
      const thrown = await repositories
        .transaction(async (inside) => {
          await inside.repositories.connections.create(newConnection({ tenantId }))
          await inside.repositories.connections.disable(stored, { at: instant(5), reason: 'inside' })
          await inside.repositories.syncStates.acquire(
            { tenantId, connectionId, resourceType: 'orders' },
            { ...lease, id: newId() },
          )
          await inside.repositories.webhookEvents.insertIfAbsent(newWebhookEvent({ tenantId, connectionId }))
          await inside.repositories.executionLogs.appendMany([newExecutionLog({ tenantId, connectionId })])
          throw boom
        }, limits)
        .catch((error: unknown) => error)
      assert.equal(thrown, boom)
      const scope = tenantScope(tenantId)
      assert.deepEqual((await repositories.connections.list({ scope, filter: {}, limit: 10 })).items, [stored])
      assert.deepEqual((await repositories.syncStates.list({ scope, filter: {}, at: instant(0), limit: 10 })).items, [])
      assert.deepEqual((await repositories.webhookEvents.list({ scope, filter: {}, limit: 10 })).items, [])
      assert.deepEqual((await repositories.executionLogs.list({ scope, filter: {}, limit: 10 })).items, [])
    },
  },
  {
    id: 'transaction/handle/commit',
    title: "the user's own write and the cursor are committed together",
    needs: ['handle'],
    async run(context) {
      const { repositories, handle } = context
      const { tenantId, id: connectionId } = await givenConnection(context)
      const ref = { tenantId, connectionId, resourceType: 'orders' }
      const key = newId()
      const state = await repositories.syncStates.acquire(ref, { ...lease, id: newId() })
      assert.ok(state)
      await repositories.transaction(async (inside) => {
        await inside.repositories.syncStates.renew(ref, { fence: state.fence, at: instant(1), leaseMs: 60_000 })
        await handle?.write(inside.tx, key)
        await inside.repositories.syncStates.commit(ref, {
          fence: state.fence,
          revision: state.revision,
          at: instant(2),
          cursor: '"page-2"',
          trail: null,
          itemCount: 1,
          complete: false,
        })
      }, limits)
      assert.equal(await handle?.exists(key), true)
      assert.equal((await repositories.syncStates.find({ scope: operatorScope, ...ref }))?.cursor, '"page-2"')
    },
  },
  {
    id: 'transaction/handle/rollback',
    title: "the user's own write is rolled back together with a cursor that was refused",
    needs: ['handle'],
    async run(context) {
      const { repositories, handle } = context
      const { tenantId, id: connectionId } = await givenConnection(context)
      const ref = { tenantId, connectionId, resourceType: 'orders' }
      const key = newId()
      const state = await repositories.syncStates.acquire(ref, { ...lease, id: newId() })
      assert.ok(state)
      await rejectsWith('LEASE_LOST', () =>
        repositories.transaction(async (inside) => {
          await inside.repositories.syncStates.renew(ref, { fence: state.fence, at: instant(1), leaseMs: 60_000 })
          await handle?.write(inside.tx, key)
          await inside.repositories.syncStates.commit(ref, {
            fence: state.fence,
            revision: state.revision + 1,
            at: instant(2),
            cursor: '"page-2"',
            trail: null,
            itemCount: 1,
            complete: false,
          })
        }, limits),
      )
      assert.equal(await handle?.exists(key), false)
      assert.deepEqual(await repositories.syncStates.find({ scope: operatorScope, ...ref }), state)
    },
  },
  {
    id: 'transaction/refused-write/not-poisoned',
    title: 'a write that is refused and caught inside a transaction leaves the rest of it whole',
    async run(context) {
      const { repositories } = context
      const stored = await givenConnection(context, { slot: '' })
      const { tenantId, id: connectionId } = stored
      const scope = tenantScope(tenantId)
      const ref = { tenantId, connectionId, resourceType: 'orders' }
      const event = newWebhookEvent({ tenantId, connectionId })
      await repositories.webhookEvents.insertIfAbsent(event)
      await repositories.syncStates.acquire(ref, { ...lease, id: newId() })
      const late = newWebhookEvent({ tenantId, connectionId })
      const log = newExecutionLog({ tenantId, connectionId })
      await repositories.executionLogs.appendMany([log])
      const authorization = newOAuthState({ tenantId })
      await repositories.transaction(async ({ repositories: inside }) => {
        await rejectsWith('CONFLICT', () => inside.connections.create(newConnection({ tenantId, slot: '' })))
        const duplicate = { ...newWebhookEvent({ tenantId, connectionId }), idempotencyKey: event.idempotencyKey }
        assert.equal((await inside.webhookEvents.insertIfAbsent(duplicate)).isNew, false)
        await rejectsWith('LEASE_LOST', () => inside.syncStates.renew(ref, { fence: 99, at: instant(1), leaseMs: 1 }))
        await rejectsWith('CLAIM_LOST', () => inside.webhookEvents.complete(event, { attempt: 9, at: instant(1) }))
        assert.equal(await inside.syncStates.acquire(ref, { ...lease, id: newId() }), null)
        await assert.rejects(inside.executionLogs.appendMany([log]), (error) => isConnectorsError(error))
        await inside.oauthStates.create(authorization)
        await rejectsWith('CONFLICT', () => inside.oauthStates.create(authorization))
        await inside.webhookEvents.insertIfAbsent(late)
      }, limits)
      const { items } = await repositories.webhookEvents.list({ scope, filter: {}, limit: 10 })
      assert.deepEqual(
        items.map(({ id, deliveries }) => ({ id, deliveries })),
        [
          { id: late.id, deliveries: 1 },
          { id: event.id, deliveries: 2 },
        ],
      )
      assert.deepEqual(await repositories.oauthStates.consume({ id: authorization.id, at: instant(1) }), authorization)
    },
  },
  {
    id: 'transaction/read-your-writes',
    title: 'inside a transaction its own writes are seen',
    async run(context) {
      const stored = await givenConnection(context)
      const { tenantId } = stored
      const connection = newConnection({ tenantId })
      const scope = tenantScope(tenantId)
      const ref = { tenantId, connectionId: connection.id, resourceType: 'orders' }
      await context.repositories.transaction(async ({ repositories }) => {
        await repositories.connections.create(connection)
        const off = await repositories.connections.disable(stored, { at: instant(5), reason: 'inside' })
        assert.deepEqual(await repositories.connections.find({ scope, id: connection.id }), connection)
        const { items } = await repositories.connections.list({ scope, filter: {}, limit: 10 })
        assert.deepEqual(items, [off?.after, connection])
        const state = await repositories.syncStates.acquire(ref, { ...lease, id: newId() })
        assert.deepEqual(await repositories.syncStates.find({ scope, ...ref }), state)
      }, limits)
    },
  },
  {
    id: 'transaction/parallel/nothing-lost',
    title: 'of 8 concurrent transactions that count on one row none is lost',
    needs: ['parallel'],
    async run(context) {
      const { repositories } = context
      const stored = await givenConnection(context)
      const { tenantId, id: connectionId, credentialsVersion } = stored
      const failure = {
        at: instant(1),
        reason: 'refused',
        threshold: 1_000,
        credentialsVersion,
        disconnect: false,
        needsReauthorization: false,
      }
      await race(8, async () => {
        const event = newWebhookEvent({ tenantId, connectionId })
        await repositories.transaction(async ({ repositories: inside }) => {
          await inside.connections.recordAuthFailure(stored, failure)
          await inside.webhookEvents.insertIfAbsent(event)
        }, limits)
      })
      const after = await repositories.connections.find({ scope: operatorScope, id: connectionId })
      assert.equal(after?.authFailureCount, 8)
      const { items } = await repositories.webhookEvents.list({ scope: tenantScope(tenantId), filter: {}, limit: 20 })
      assert.equal(items.length, 8)
    },
  },
  {
    id: 'transaction/timeout/rolled-back',
    title: 'over timeoutMs it is rolled back with HANDLER_TIMEOUT naming the option, and late writes are refused',
    async run(context) {
      const { repositories } = context
      const stored = await givenConnection(context)
      let wake = () => {}
      const asleep = new Promise<void>((resolve) => {
        wake = resolve
      })
      let abandoned = Promise.resolve()
      const call = repositories.transaction(
        ({ repositories: inside }) => {
          const work = async () => {
            await inside.connections.disable(stored, { at: instant(1), reason: 'in time' })
            await asleep
            await inside.connections.disable(stored, { at: instant(2), reason: 'too late' })
          }
          abandoned = work()
          return abandoned
        },
        { timeoutMs: 250, maxWaitMs: 30_000 },
      )
      await assert.rejects(call, { code: 'HANDLER_TIMEOUT', message: /transaction\.timeoutMs/ })
      wake()
      await assert.rejects(abandoned, (error) => isConnectorsError(error))
      assert.deepEqual(await repositories.connections.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
]
