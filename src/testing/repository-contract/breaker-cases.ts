import assert from 'node:assert/strict'
import { breaker } from '../../core/domain/breaker.ts'
import { operatorScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { givenConnection } from './given-connection.ts'
import { race } from './race.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'

const refused = {
  at: instant(10),
  reason: 'refused',
  threshold: 3,
  credentialsVersion: 1,
  disconnect: false,
  needsReauthorization: false,
} as const
const accepted = { at: instant(20), startedAt: instant(15), credentialsVersion: 1, appliesToDisabled: false } as const

/** The circuit breaker's verbs: counting failures, successes, the operator's switch. */
export const breakerCases: readonly RepositoryContractCase[] = [
  {
    id: 'connections/record-auth-failure/counts',
    title: 'below the threshold a failure is counted and the connection stays enabled and connected',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      const change = await connections.recordAuthFailure(stored, refused)
      assert.deepEqual(change?.before, stored)
      assert.deepEqual(change?.after, {
        ...stored,
        authFailureCount: 1,
        lastAuthFailureAt: instant(10),
        version: stored.version + 1,
        updatedAt: instant(10),
      })
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), change?.after)
    },
  },
  {
    id: 'connections/record-auth-failure/disables-at-threshold',
    title: 'the failure that reaches the threshold disables and disconnects the connection and keeps the reason',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { authFailureCount: 2 })
      const change = await connections.recordAuthFailure(stored, refused)
      assert.deepEqual(change?.after, {
        ...stored,
        isEnabled: false,
        isConnected: false,
        disabledReason: 'refused',
        authFailureCount: 3,
        lastAuthFailureAt: instant(10),
        version: stored.version + 1,
        updatedAt: instant(10),
      })
      const next = await connections.recordAuthFailure(stored, { ...refused, at: instant(11), reason: 'again' })
      assert.equal(next?.before.isEnabled, false)
      assert.equal(next?.after.authFailureCount, 4)
      assert.equal(next?.after.disabledReason, 'refused')
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), next?.after)
    },
  },
  {
    id: 'connections/record-auth-failure/reauthorization',
    title: 'a lost grant is told once, and forgotten with new credentials and with enable',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      const failure = { ...refused, disconnect: true, needsReauthorization: true }
      const change = await connections.recordAuthFailure(stored, failure)
      assert.equal(change?.before.needsReauthorization, false)
      assert.equal(change?.after.needsReauthorization, true)
      const again = await connections.recordAuthFailure(stored, { ...failure, needsReauthorization: false })
      assert.equal(again?.before.needsReauthorization, true)
      assert.equal(again?.after.needsReauthorization, true)
      const enabled = await connections.enable(stored, { at: instant(5) })
      assert.equal(enabled?.after.needsReauthorization, false)
      await connections.recordAuthFailure(stored, failure)
      const replaced = await connections.replaceCredentials(stored, {
        at: instant(6),
        expectedCredentialsVersion: stored.credentialsVersion,
        credentialsEncrypted: 'v1.key.nonce.granted-anew',
        tokenExpiresAt: instant(60),
        tokenRefreshAt: instant(50),
      })
      assert.equal(replaced?.needsReauthorization, false)
      assert.deepEqual(replaced?.tokenRefreshAt, instant(50))
    },
  },
  {
    id: 'connections/record-auth-failure/disconnect',
    title: 'with disconnect the first failure already disconnects, and does not disable',
    async run(context) {
      const stored = await givenConnection(context)
      const failure = { ...refused, disconnect: true, needsReauthorization: false }
      const change = await context.repositories.connections.recordAuthFailure(stored, failure)
      assert.equal(change?.after.isConnected, false)
      assert.equal(change?.after.isEnabled, true)
    },
  },
  {
    id: 'connections/record-auth-failure/stale-credentials',
    title: 'a failure of other credentials than the current ones changes nothing',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { credentialsVersion: 5, authFailureCount: 2 })
      for (const credentialsVersion of [4, 6]) {
        const change = await connections.recordAuthFailure(stored, {
          ...refused,
          credentialsVersion,
          disconnect: true,
          needsReauthorization: false,
        })
        assert.deepEqual(change, { before: stored, after: stored })
      }
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'connections/record-auth-failure/none-lost',
    title: '50 concurrent failures count 50, and exactly one of them sees the connection go from enabled to disabled',
    needs: ['parallel'],
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      const changes = await race(50, (index) =>
        connections.recordAuthFailure(stored, { ...refused, at: instant(10 + index) }),
      )
      const transitions = changes.filter((change) => change?.before.isEnabled && !change.after.isEnabled)
      assert.equal(transitions.length, 1)
      assert.equal(transitions[0]?.after.authFailureCount, 3)
      const counts = changes.map((change) => change?.after.authFailureCount ?? 0).sort((a, b) => a - b)
      assert.deepEqual(
        counts,
        Array.from({ length: 50 }, (_, index) => index + 1),
      )
      assert.ok(
        changes.every(
          (change) => change !== null && change.after.authFailureCount === change.before.authFailureCount + 1,
        ),
      )
      const after = await connections.find({ scope: operatorScope, id: stored.id })
      assert.equal(after?.authFailureCount, 50)
      assert.equal(after?.isEnabled, false)
      assert.equal(after?.version, stored.version + 50)
    },
  },
  {
    id: 'connections/mark-connected/resets',
    title: 'a success connects, forgets the count and keeps the instant of the last failure',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, {
        isConnected: false,
        authFailureCount: 2,
        lastAuthFailureAt: instant(15),
      })
      const change = await connections.markConnected(stored, accepted)
      assert.deepEqual(change?.before, stored)
      assert.deepEqual(change?.after, {
        ...stored,
        isConnected: true,
        authFailureCount: 0,
        version: stored.version + 1,
        updatedAt: instant(20),
      })
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), change?.after)
    },
  },
  {
    id: 'connections/mark-connected/stale',
    title: 'a success of other credentials, or one that began before the last failure, changes nothing',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, {
        credentialsVersion: 5,
        isConnected: false,
        authFailureCount: 2,
        lastAuthFailureAt: instant(15),
      })
      const current = { ...accepted, credentialsVersion: 5 }
      const unchanged = { before: stored, after: stored }
      assert.deepEqual(await connections.markConnected(stored, { ...current, credentialsVersion: 4 }), unchanged)
      assert.deepEqual(await connections.markConnected(stored, { ...current, credentialsVersion: 6 }), unchanged)
      assert.deepEqual(await connections.markConnected(stored, { ...current, startedAt: instant(14) }), unchanged)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'connections/mark-connected/disabled',
    title: 'a disabled connection is marked connected by a test, not by a late call, and stays disabled',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { isEnabled: false, isConnected: false, disabledReason: 'refused' })
      assert.deepEqual(await connections.markConnected(stored, accepted), { before: stored, after: stored })
      const change = await connections.markConnected(stored, { ...accepted, appliesToDisabled: true })
      assert.equal(change?.after.isConnected, true)
      assert.equal(change?.after.isEnabled, false)
      assert.equal(change?.after.disabledReason, 'refused')
    },
  },
  {
    id: 'connections/mark-connected/no-news',
    title: 'a success that tells nothing new writes nothing',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      assert.deepEqual(await connections.markConnected(stored, accepted), { before: stored, after: stored })
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'connections/enable/forgets',
    title: 'enable turns the connection on and forgets failures and reason',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, {
        isEnabled: false,
        isConnected: false,
        disabledReason: 'refused',
        authFailureCount: 3,
        lastAuthFailureAt: instant(10),
      })
      const change = await connections.enable(stored, { at: instant(30) })
      const decided = breaker(stored, { type: 'enabled' })
      assert.deepEqual(change?.before, stored)
      assert.deepEqual(change?.after, { ...decided, version: stored.version + 1, updatedAt: instant(30) })
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), change?.after)
    },
  },
  {
    id: 'connections/disable/reason',
    title: 'disable turns the connection off, with a reason or without, and touches nothing else',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { authFailureCount: 1 })
      const off = await connections.disable(stored, { at: instant(30), reason: 'maintenance' })
      assert.deepEqual(off?.before, stored)
      assert.deepEqual(off?.after, {
        ...stored,
        isEnabled: false,
        disabledReason: 'maintenance',
        version: stored.version + 1,
        updatedAt: instant(30),
      })
      const again = await connections.disable(stored, { at: instant(31), reason: null })
      assert.equal(again?.before.disabledReason, 'maintenance')
      assert.equal(again?.after.disabledReason, null)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), again?.after)
    },
  },
  {
    id: 'connections/disable/one-transition',
    title: 'of 16 concurrent calls of disable exactly one sees the connection go from enabled to disabled',
    needs: ['parallel'],
    async run(context) {
      const stored = await givenConnection(context)
      const changes = await race(16, () =>
        context.repositories.connections.disable(stored, { at: instant(30), reason: 'x' }),
      )
      assert.equal(changes.filter((change) => change?.before.isEnabled && !change.after.isEnabled).length, 1)
    },
  },
]
