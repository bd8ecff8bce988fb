import assert from 'node:assert/strict'
import { operatorScope, tenantScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newConnection } from '../new-connection.ts'
import { newExecutionLog } from '../new-execution-log.ts'
import { newOAuthState } from '../new-oauth-state.ts'
import { newWebhookEvent } from '../new-webhook-event.ts'
import { givenConnection } from './given-connection.ts'
import { givenLease, lease } from './given-lease.ts'
import { givenWebhookEvent } from './given-webhook-event.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'
import { sameEvent } from './same-event.ts'

// NUL, and both halves of a surrogate pair without the other; the pair at the end is whole.
const text = 'a\0b\ud800c\udc00d🧾'
const kept = 'ab\ufffdc\ufffdd🧾'
const json = { [text]: [text, { deep: text }], plain: 1 }
const keptJson = { [kept]: [kept, { deep: kept }], plain: 1 }

/** Texts that PostgreSQL refuses and SQLite cuts, wherever a text may stand in what is written. */
export const unstorableTextCases: readonly RepositoryContractCase[] = [
  {
    id: 'connections/all/unstorable-text',
    title: 'NUL is left out of texts and JSON of a connection, and halves of surrogate pairs are replaced',
    async run(context) {
      const { connections } = context.repositories
      const texts = { displayName: text, config: json, externalAccountId: text, settingsEncrypted: text }
      const keptTexts = { displayName: kept, config: keptJson, externalAccountId: kept, settingsEncrypted: kept }
      const stored = await givenConnection(context, { ...texts, disabledReason: text, pauseReason: text })
      const found = () => connections.find({ scope: operatorScope, id: stored.id })
      assert.deepEqual(await found(), { ...stored, ...keptTexts, disabledReason: kept, pauseReason: kept })
      const plain = await givenConnection(context)
      const { version: expectedVersion } = plain
      const written = await connections.update(plain, { at: instant(1), expectedVersion, patch: texts })
      assert.deepEqual(written, { ...plain, ...keptTexts, version: expectedVersion + 1, updatedAt: instant(1) })
      assert.deepEqual(await connections.find({ scope: operatorScope, id: plain.id }), written)
      const off = await connections.disable(plain, { at: instant(2), reason: text })
      assert.equal(off?.after.disabledReason, kept)
      const failure = {
        at: instant(3),
        reason: text,
        threshold: 1,
        credentialsVersion: 1,
        disconnect: false,
        needsReauthorization: false,
      }
      const refused = await connections.recordAuthFailure(await givenConnection(context), failure)
      assert.equal(refused?.after.disabledReason, kept)
    },
  },
  {
    id: 'sync-states/all/unstorable-text',
    title: 'NUL is left out of a cursor and of an error, and halves of surrogate pairs are replaced',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      const { fence, revision } = state
      const at = instant(1)
      await syncStates.commit(ref, { fence, revision, at, cursor: text, trail: null, itemCount: 1, complete: false })
      await syncStates.fail(ref, { fence, at, error: text, nextSyncAt: at })
      const found = await syncStates.find({ scope: operatorScope, ...ref })
      assert.equal(found?.cursor, kept)
      assert.equal(found?.lastError, kept)
      const again = await syncStates.acquire(ref, { ...lease(), at: instant(2), owner: text })
      assert.equal(again?.leaseOwner, kept)
    },
  },
  {
    id: 'webhook-events/all/unstorable-text',
    title: 'NUL is left out of texts and JSON of a delivery, and halves of surrogate pairs are replaced',
    async run(context) {
      const { webhookEvents } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const given = { eventType: text, headers: json, payload: json, error: text }
      const event = newWebhookEvent({ tenantId, connectionId, ...given })
      const keptEvent = { ...event, eventType: kept, headers: keptJson, payload: keptJson, error: kept }
      sameEvent((await webhookEvents.insertIfAbsent(event)).event, keptEvent)
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: event.id }), keptEvent)
      const rejected = newWebhookEvent({ tenantId, connectionId, ...given, status: 'rejected' })
      assert.equal(await webhookEvents.keepRejected(rejected, { since: instant(0), limit: 9 }), true)
      const keptRejected = { ...rejected, eventType: kept, headers: keptJson, payload: keptJson, error: kept }
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: rejected.id }), keptRejected)
      const ref = { tenantId, id: event.id }
      const claim = { at: instant(0), leaseMs: 60_000, handled: 'all' } as const
      const end = {
        at: instant(1),
        availableAt: instant(2),
        failureCount: 1,
        error: text,
        errorKind: 'handler',
      } as const
      await webhookEvents.claim(ref, claim)
      await webhookEvents.retryLater(ref, { attempt: 1, ...end })
      assert.equal((await webhookEvents.find({ scope: operatorScope, id: event.id }))?.error, kept)
      await webhookEvents.claim(ref, claim)
      await webhookEvents.deadLetter(ref, { attempt: 2, at: instant(1), error: `2 ${text}`, errorKind: 'handler' })
      assert.equal((await webhookEvents.find({ scope: operatorScope, id: event.id }))?.error, `2 ${kept}`)
    },
  },
  {
    id: 'webhook-events/insert-if-absent/payload-text',
    title: 'a payload that is nothing but a text comes back without NUL, an empty one included',
    async run(context) {
      const { webhookEvents } = context.repositories
      for (const [payload, expected] of [
        [text, kept],
        ['\0', ''],
      ] as const) {
        const { id } = await givenWebhookEvent(context, { payload })
        assert.equal((await webhookEvents.find({ scope: operatorScope, id }))?.payload, expected)
      }
    },
  },
  {
    id: 'execution-logs/append-many/unstorable-text',
    title: 'NUL is left out of the texts of a call, and halves of surrogate pairs are replaced',
    async run(context) {
      const { executionLogs } = context.repositories
      const { tenantId, id: connectionId } = await givenConnection(context)
      const texts = (value: string) => ({
        runId: value,
        actor: value,
        action: value,
        method: value,
        url: value,
        requestPayload: value,
        responsePayload: value,
        error: value,
      })
      const plain = newExecutionLog({ tenantId, connectionId })
      const row = newExecutionLog({ tenantId, connectionId, ...texts(text) })
      await executionLogs.appendMany([plain, row])
      const { items } = await executionLogs.list({ scope: tenantScope(tenantId), filter: {}, limit: 10 })
      assert.deepEqual(items, [{ ...row, ...texts(kept) }, plain])
    },
  },
  {
    id: 'oauth-states/create/unstorable-text',
    title: 'NUL is left out of the texts of an authorization, and halves of surrogate pairs are replaced',
    async run({ repositories, newTenantId }) {
      const state = newOAuthState({ tenantId: await newTenantId(), providerName: text, contextEncrypted: text })
      await repositories.oauthStates.create(state)
      const consumed = await repositories.oauthStates.consume({ id: state.id, at: instant(1) })
      assert.deepEqual(consumed, { ...state, providerName: kept, contextEncrypted: kept })
    },
  },
  {
    id: 'transaction/unstorable-text/not-poisoned',
    title: 'texts and names that no database can hold leave the transaction around them whole',
    async run(context) {
      const { repositories } = context
      const connection = newConnection({ tenantId: await context.newTenantId(), config: json })
      const { tenantId, id: connectionId } = connection
      const event = newWebhookEvent({ tenantId, connectionId, payload: json, headers: json })
      const log = newExecutionLog({ tenantId, connectionId, url: text })
      const ref = { tenantId, connectionId, resourceType: 'orders' }
      await repositories.transaction(
        async ({ repositories: inside }) => {
          await inside.connections.create(connection)
          await inside.webhookEvents.insertIfAbsent(event)
          await inside.executionLogs.appendMany([log])
          assert.equal(await inside.connections.find({ scope: operatorScope, id: text }), null)
          assert.equal(await inside.webhookEvents.find({ scope: operatorScope, id: text }), null)
          assert.equal(await inside.oauthStates.consume({ id: text, at: instant(1) }), null)
          const misnamed = { ...ref, resourceType: text }
          await rejectsWith('INVALID_INPUT', () => inside.syncStates.acquire(misnamed, lease()))
          const nameless = newWebhookEvent({ tenantId, connectionId, idempotencyKey: text })
          await rejectsWith('INVALID_INPUT', () => inside.webhookEvents.insertIfAbsent(nameless))
          await inside.syncStates.acquire(ref, lease())
        },
        { timeoutMs: 30_000, maxWaitMs: 30_000 },
      )
      const scope = tenantScope(tenantId)
      const found = await repositories.connections.find({ scope, id: connectionId })
      assert.deepEqual(found, { ...connection, config: keptJson })
      const keptEvent = { ...event, payload: keptJson, headers: keptJson }
      sameEvent(await repositories.webhookEvents.find({ scope, id: event.id }), keptEvent)
      const { items } = await repositories.executionLogs.list({ scope, filter: {}, limit: 10 })
      assert.deepEqual(items, [{ ...log, url: kept }])
      assert.notEqual(await repositories.syncStates.find({ scope, ...ref }), null)
    },
  },
]
