import assert from 'node:assert/strict'
import { operatorScope, tenantScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newConnection } from '../new-connection.ts'
import { newExecutionLog } from '../new-execution-log.ts'
import { newOAuthState } from '../new-oauth-state.ts'
import { newWebhookEvent } from '../new-webhook-event.ts'
import { givenConnection } from './given-connection.ts'
import { givenLease } from './given-lease.ts'
import { givenWebhookEvent } from './given-webhook-event.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'
import { sameEvent } from './same-event.ts'

const numbers = [0.1 + 0.2, 2 ** 53 - 1, -(2 ** 53 - 1), 1 / 3, 1.5e-7, 1e21, 123_456_789.123_456_78]

const name = ' Ünïcødé 🧾 "x" %_\\ 名前 '
/** Longer than 64 kB, where some columns end. */
const text = `${name.repeat(5_000)}\n`

const first = new Date('1000-01-01T00:00:00.000Z')
const last = new Date('9999-12-31T23:59:59.999Z')
const outside = [
  new Date('0050-06-15T12:00:00.000Z'),
  new Date(first.getTime() - 1),
  new Date(last.getTime() + 1),
  new Date(Number.NaN),
]

/** Numbers and instants at the edge of what databases and their drivers keep. */
export const exactValueCases: readonly RepositoryContractCase[] = [
  {
    id: 'connections/create/config-numbers',
    title: 'numbers in config come back as the same numbers, to the last digit',
    async run(context) {
      const { id } = await givenConnection(context, { config: { numbers } })
      const found = await context.repositories.connections.find({ scope: operatorScope, id })
      assert.deepEqual(found?.config, { numbers })
    },
  },
  {
    id: 'webhook-events/insert-if-absent/payload-numbers',
    title: 'numbers in a payload come back as the same numbers, to the last digit',
    async run(context) {
      const { id } = await givenWebhookEvent(context, { payload: { numbers } })
      const found = await context.repositories.webhookEvents.find({ scope: operatorScope, id })
      assert.deepEqual(found?.payload, { numbers })
    },
  },
  {
    id: 'connections/all/exact-changes',
    title: 'numbers and texts of any script and length come back exactly as they were changed to',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      const found = () => connections.find({ scope: operatorScope, id: stored.id })
      const { version: expectedVersion, credentialsVersion } = stored
      const patch = {
        displayName: name,
        config: { numbers, [name]: [text] },
        settingsEncrypted: text,
        webhookSecretsEncrypted: text,
        externalAccountId: name,
      }
      const updated = await connections.update(stored, { at: instant(1), expectedVersion, patch })
      assert.deepEqual(await found(), { ...stored, ...patch, version: expectedVersion + 1, updatedAt: instant(1) })
      assert.deepEqual(updated, await found())
      await connections.replaceCredentials(stored, {
        at: instant(2),
        expectedCredentialsVersion: credentialsVersion,
        credentialsEncrypted: text,
        tokenExpiresAt: null,
        tokenRefreshAt: null,
      })
      assert.equal((await found())?.credentialsEncrypted, text)
      const paused = {
        at: instant(3),
        untilAt: instant(9),
        reason: text,
        credentialsVersion: null,
        seenPauseCount: null,
      }
      await connections.pause(stored, paused)
      await connections.disable(stored, { at: instant(4), reason: text })
      const { pauseReason, disabledReason } = (await found()) ?? {}
      assert.deepEqual({ pauseReason, disabledReason }, { pauseReason: text, disabledReason: text })
      const failure = {
        at: instant(5),
        reason: text,
        threshold: 1,
        credentialsVersion: 1,
        disconnect: false,
        needsReauthorization: false,
      }
      const failing = await givenConnection(context)
      await connections.recordAuthFailure(failing, failure)
      assert.equal((await connections.find({ scope: operatorScope, id: failing.id }))?.disabledReason, text)
    },
  },
  {
    id: 'sync-states/fail/exact-text',
    title: 'an error of any script and length comes back exactly',
    async run(context) {
      const { syncStates } = context.repositories
      const { ref, state } = await givenLease(context)
      await syncStates.fail(ref, { fence: state.fence, at: instant(1), error: text, nextSyncAt: instant(2) })
      assert.equal((await syncStates.find({ scope: operatorScope, ...ref }))?.lastError, text)
    },
  },
  {
    id: 'webhook-events/all/exact-changes',
    title: 'numbers and texts of any script and length come back exactly, from whichever verb wrote them',
    async run(context) {
      const { webhookEvents } = context.repositories
      const { tenantId, connectionId, ...stored } = await givenWebhookEvent(context)
      const ref = { tenantId, id: stored.id }
      const errorOf = async () => (await webhookEvents.find({ scope: operatorScope, id: stored.id }))?.error
      const claim = { leaseMs: 60_000, clockSkewMs: 10_000, handled: 'all' } as const
      await webhookEvents.claim(ref, { ...claim, at: instant(0) })
      await webhookEvents.retryLater(ref, {
        attempt: 1,
        at: instant(1),
        availableAt: instant(2),
        failureCount: 1,
        error: text,
        errorKind: 'handler',
      })
      assert.equal(await errorOf(), text)
      await webhookEvents.claim(ref, { ...claim, at: instant(3) })
      await webhookEvents.deadLetter(ref, { attempt: 2, at: instant(4), error: `${text}!`, errorKind: 'handler' })
      assert.equal(await errorOf(), `${text}!`)
      const json = { numbers, [name]: [text] }
      const fields = { status: 'rejected', payload: json, headers: json, error: text } as const
      const rejected = newWebhookEvent({ tenantId, connectionId, ...fields })
      await webhookEvents.keepRejected(rejected, { since: instant(0), limit: 9 })
      sameEvent(await webhookEvents.find({ scope: operatorScope, id: rejected.id }), rejected)
    },
  },
  {
    id: 'transaction/instants/edges',
    title: 'instants from the year 1000 to the end of 9999 come back to the millisecond, in every table',
    async run(context) {
      const { repositories } = context
      for (const at of [first, last]) {
        const edges = { pausedUntil: at, tokenExpiresAt: at, createdAt: at, updatedAt: at }
        const connection = await givenConnection(context, { ...edges, lastAuthFailureAt: at })
        const { tenantId, id: connectionId } = connection
        const scope = tenantScope(tenantId)
        assert.deepEqual(await repositories.connections.find({ scope, id: connectionId }), connection)
        const times = { availableAt: at, claimExpiresAt: at, processedAt: at, createdAt: at }
        const event = await givenWebhookEvent(context, { tenantId, connectionId, ...times })
        sameEvent(await repositories.webhookEvents.find({ scope, id: event.id }), event)
        const log = newExecutionLog({ tenantId, connectionId, createdAt: at })
        await repositories.executionLogs.appendMany([log])
        assert.deepEqual((await repositories.executionLogs.list({ scope, filter: {}, limit: 9 })).items, [log])
        const state = newOAuthState({ tenantId, expiresAt: last, createdAt: at })
        await repositories.oauthStates.create(state)
        assert.deepEqual(await repositories.oauthStates.consume({ id: state.id, at: first }), state)
      }
    },
  },
  {
    id: 'transaction/instants/outside',
    title: 'other instants, and invalid ones, are refused with INVALID_INPUT, and the transaction around goes on',
    async run(context) {
      const { repositories } = context
      const stored = await givenConnection(context)
      const { tenantId, id: connectionId } = stored
      const connection = newConnection({ tenantId })
      await repositories.transaction(
        async ({ repositories: inside }) => {
          for (const at of outside) {
            const event = newWebhookEvent({ tenantId, connectionId, availableAt: at })
            const log = newExecutionLog({ tenantId, connectionId, createdAt: at })
            const state = newOAuthState({ tenantId, expiresAt: at })
            await rejectsWith('INVALID_INPUT', () =>
              inside.connections.create(newConnection({ tenantId, createdAt: at })),
            )
            await rejectsWith('INVALID_INPUT', () => inside.connections.disable(stored, { at, reason: null }))
            await rejectsWith('INVALID_INPUT', () => inside.webhookEvents.insertIfAbsent(event))
            await rejectsWith('INVALID_INPUT', () => inside.executionLogs.appendMany([log]))
            await rejectsWith('INVALID_INPUT', () => inside.oauthStates.create(state))
          }
          await inside.connections.create(connection)
        },
        { timeoutMs: 30_000, maxWaitMs: 30_000 },
      )
      const { items } = await repositories.connections.list({ scope: tenantScope(tenantId), filter: {}, limit: 9 })
      assert.deepEqual(items, [stored, connection])
    },
  },
]
