import assert from 'node:assert/strict'
import { operatorScope, type Scope, type TenantId, tenantScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newConnection } from '../new-connection.ts'
import { newExecutionLog } from '../new-execution-log.ts'
import { newOAuthState } from '../new-oauth-state.ts'
import { newWebhookEvent } from '../new-webhook-event.ts'
import { foreignChanges, probed } from './foreign-changes.ts'
import { givenConnection } from './given-connection.ts'
import { givenLease, lease } from './given-lease.ts'
import { givenWebhookEvent } from './given-webhook-event.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'
import { sameEvent } from './same-event.ts'

/** Names that no database can hold: a name that is cut, or mended, would be somebody else's. */
const misnamed = (name: string) => [`${name}\0`, `${name}\0x`, `${name}\ud800`]

/** The tenant with such a name; only texts can be misnamed. */
function misnamedTenants<T extends TenantId>(tenantId: T): readonly T[] {
  return typeof tenantId === 'string' ? (misnamed(tenantId) as string[] as T[]) : [] // T is some kind of string here
}

const emptyPage = { items: [], next: null }

/** Names with texts that no database can hold: nobody's, everywhere. */
export const unstorableNameCases: readonly RepositoryContractCase[] = [
  {
    id: 'connections/all/unstorable-name',
    title: 'a name with NUL or half a surrogate pair finds and changes nothing, and no row can have it',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, probed)
      const { tenantId, version: expectedVersion, credentialsVersion } = stored
      const at = instant(5)
      const failure = {
        at,
        reason: 'r',
        threshold: 1,
        credentialsVersion,
        disconnect: true,
        needsReauthorization: false,
      }
      const { pause, lease, success, replacement } = foreignChanges(stored)
      const names = [
        ...misnamed(stored.id).map((id) => ({ tenantId, id })),
        ...misnamedTenants(tenantId).map((tenant) => ({ tenantId: tenant, id: stored.id })),
      ]
      for (const ref of names) {
        const scope = tenantScope(ref.tenantId)
        assert.equal(await connections.find({ scope, id: ref.id }), null)
        assert.equal(await connections.update(ref, { at, expectedVersion, patch: { displayName: 'x' } }), null)
        assert.equal(await connections.recordAuthFailure(ref, failure), null)
        assert.equal(await connections.disable(ref, { at, reason: null }), null)
        assert.equal(await connections.enable(ref, { at }), null)
        assert.equal(await connections.pause(ref, { ...pause, at }), null)
        assert.equal(await connections.resume(ref, { at, answer: null }), null)
        assert.equal(await connections.acquireProbe(ref, lease), null)
        await connections.releaseProbe(ref, { owner: 'me', at })
        assert.equal(await connections.acquireRefreshLease(ref, { ...lease, expectedCredentialsVersion: 1 }), null)
        await connections.releaseRefreshLease(ref, { owner: 'me', at })
        assert.equal(await connections.markConnected(ref, success), null)
        assert.equal(await connections.replaceCredentials(ref, replacement), null)
        assert.equal(await connections.delete(ref, { at }), null)
        await rejectsWith('INVALID_INPUT', () => connections.create(newConnection(ref)))
      }
      const scopes: Scope<typeof tenantId>[] = misnamedTenants(tenantId).map(tenantScope)
      for (const scope of scopes) assert.deepEqual(await connections.list({ scope, filter: {}, limit: 9 }), emptyPage)
      for (const provider of misnamed(stored.providerName)) {
        const query = { scope: tenantScope(tenantId), filter: { provider }, limit: 9 }
        assert.deepEqual(await connections.list(query), emptyPage)
      }
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'sync-states/all/unstorable-name',
    title: 'a name with NUL or half a surrogate pair finds and changes nothing, and no state can have it',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const at = instant(1_000_000)
      const names = [
        ...misnamed(ref.connectionId).map((connectionId) => ({ ...ref, connectionId })),
        ...misnamed(ref.resourceType).map((resourceType) => ({ ...ref, resourceType })),
        ...misnamedTenants(ref.tenantId).map((tenantId) => ({ ...ref, tenantId })),
      ]
      for (const { tenantId, ...name } of names) {
        const misnamedRef = { tenantId, ...name }
        assert.equal(await syncStates.find({ scope: tenantScope(tenantId), ...name }), null)
        await rejectsWith('INVALID_INPUT', () => syncStates.acquire(misnamedRef, { ...lease(), at }))
        const { fence, revision } = state
        const page = { fence, revision, at, cursor: '"x"', trail: null, itemCount: 1, complete: false }
        await rejectsWith('LEASE_LOST', () => syncStates.renew(misnamedRef, { fence, at, leaseMs: 1 }))
        await rejectsWith('LEASE_LOST', () => syncStates.commit(misnamedRef, page))
        await rejectsWith('LEASE_LOST', () => syncStates.fail(misnamedRef, { fence, at, error: 'x', nextSyncAt: at }))
        await syncStates.release(misnamedRef, { fence, at, status: 'idle' })
      }
      for (const connectionId of misnamed(ref.connectionId)) {
        assert.deepEqual(
          await syncStates.list({ scope: operatorScope, filter: { connectionId }, at: instant(0), limit: 9 }),
          emptyPage,
        )
      }
      assert.deepEqual(
        (
          await syncStates.list({
            scope: operatorScope,
            filter: { connectionId: ref.connectionId },
            at: instant(0),
            limit: 9,
          })
        ).items,
        [state],
      )
    },
  },
  {
    id: 'webhook-events/all/unstorable-name',
    title: 'a name with NUL or half a surrogate pair finds and changes nothing, and no row can have it',
    async run(context) {
      const { webhookEvents } = context.repositories
      const stored = await givenWebhookEvent(context)
      const { tenantId, connectionId, idempotencyKey, eventType, provider } = stored
      const claim = { at: instant(0), leaseMs: 60_000, clockSkewMs: 10_000, perTenant: 1_000, handled: 'all' } as const
      const names = [
        ...misnamed(stored.id).map((id) => ({ tenantId, id })),
        ...misnamedTenants(tenantId).map((tenant) => ({ tenantId: tenant, id: stored.id })),
      ]
      for (const ref of names) {
        assert.equal(await webhookEvents.find({ scope: tenantScope(ref.tenantId), id: ref.id }), null)
        assert.equal(await webhookEvents.claim(ref, claim), null)
        await webhookEvents.markUnhandled(ref)
        await rejectsWith('CLAIM_LOST', () => webhookEvents.complete(ref, { attempt: 0, at: instant(1) }))
      }
      const rows = [
        ...misnamed(idempotencyKey).map((key) => ({ tenantId, connectionId, idempotencyKey: key })),
        ...misnamed(connectionId).map((id) => ({ tenantId, connectionId: id, idempotencyKey })),
        ...names.map((ref) => ({ ...ref, connectionId })),
      ]
      for (const row of rows) {
        await rejectsWith('INVALID_INPUT', () => webhookEvents.insertIfAbsent(newWebhookEvent(row)))
      }
      const scope = tenantScope(tenantId)
      const filters = [
        ...misnamed(connectionId).map((id) => ({ connectionId: id })),
        ...misnamed(eventType).map((type) => ({ eventType: type })),
        ...misnamed(provider).map((name) => ({ provider: name })),
      ]
      for (const filter of filters) assert.deepEqual(await webhookEvents.list({ scope, filter, limit: 9 }), emptyPage)
      const due = { scope, at: instant(0), clockSkewMs: 10_000, perTenant: 1_000, limit: 9 }
      const handled = { types: misnamed(eventType), groups: misnamed('issues.') }
      assert.deepEqual(await webhookEvents.due({ ...due, handled }), [])
      const among = { types: [...handled.types, eventType], groups: handled.groups }
      assert.equal((await webhookEvents.due({ ...due, handled: among })).length, 1)
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'execution-logs/all/unstorable-name',
    title: 'a name with NUL or half a surrogate pair finds nothing, and no row can have it',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const row = newExecutionLog({ tenantId, connectionId, runId: 'run-1' })
      await executionLogs.appendMany([row])
      const scope = tenantScope(tenantId)
      const filters = [
        ...misnamed(connectionId).map((id) => ({ connectionId: id })),
        ...misnamed('run-1').map((runId) => ({ runId })),
      ]
      for (const filter of filters) assert.deepEqual(await executionLogs.list({ scope, filter, limit: 9 }), emptyPage)
      for (const id of misnamed(connectionId)) {
        const rows = [newExecutionLog({ tenantId, connectionId }), newExecutionLog({ tenantId, connectionId: id })]
        await rejectsWith('INVALID_INPUT', () => executionLogs.appendMany(rows))
      }
      assert.deepEqual((await executionLogs.list({ scope, filter: {}, limit: 9 })).items, [row])
    },
  },
  {
    id: 'oauth-states/all/unstorable-name',
    title: 'a name with NUL or half a surrogate pair takes nothing out, and no state can have it',
    async run({ repositories, newTenantId }) {
      const { oauthStates } = repositories
      const state = newOAuthState({ tenantId: await newTenantId() })
      await oauthStates.create(state)
      for (const id of misnamed(state.id)) {
        assert.equal(await oauthStates.consume({ id, at: instant(1) }), null)
        await rejectsWith('INVALID_INPUT', () => oauthStates.create({ ...state, id }))
      }
      assert.deepEqual(await oauthStates.consume({ id: state.id, at: instant(1) }), state)
    },
  },
]
