import assert from 'node:assert/strict'
import { operatorScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newId } from '../new-id.ts'
import { givenConnection } from './given-connection.ts'
import { race } from './race.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'

const minute = 60_000
const skew = 10_000

function lease(owner: string, expectedCredentialsVersion: number, at = instant(0)) {
  return { owner, at, leaseMs: minute, clockSkewMs: skew, expectedCredentialsVersion }
}

/** The exclusive right to refresh the credentials of a connection. */
export const refreshLeaseCases: readonly RepositoryContractCase[] = [
  {
    id: 'connections/refresh-lease/one-winner',
    title: 'of 16 concurrent calls exactly one gets the right to refresh',
    needs: ['parallel'],
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { credentialsVersion: 3 })
      const outcomes = await race(16, (index) => connections.acquireRefreshLease(stored, lease(`worker ${index}`, 3)))
      const winners = outcomes.filter((outcome) => outcome !== null)
      assert.equal(winners.length, 1)
      assert.deepEqual(winners[0]?.refreshLeaseExpiresAt, instant(minute))
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), winners[0])
    },
  },
  {
    id: 'connections/refresh-lease/stale',
    title: 'whoever comes after a refresh, with older credentials, gets no right to refresh again',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { credentialsVersion: 3 })
      await connections.acquireRefreshLease(stored, lease('first', 3))
      const refreshed = await connections.replaceCredentials(stored, {
        at: instant(5),
        expectedCredentialsVersion: 3,
        credentialsEncrypted: 'v1.key.nonce.refreshed',
        tokenExpiresAt: instant(3_600_000),
        tokenRefreshAt: instant(3_000_000),
      })
      assert.equal(refreshed?.refreshLeaseOwner, null)
      assert.equal(refreshed?.refreshLeaseExpiresAt, null)
      assert.deepEqual(refreshed?.tokenExpiresAt, instant(3_600_000))
      assert.deepEqual(refreshed?.tokenRefreshAt, instant(3_000_000))
      assert.equal(await connections.acquireRefreshLease(stored, lease('second', 3, instant(6))), null)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), refreshed)
      assert.equal(
        (await connections.acquireRefreshLease(stored, lease('third', 4, instant(7))))?.refreshLeaseOwner,
        'third',
      )
    },
  },
  {
    id: 'connections/refresh-lease/takeover',
    title: 'the right to refresh may be taken over only clockSkewMs after it expired',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      await connections.acquireRefreshLease(stored, lease('first', 1))
      for (const offset of [1, minute, minute + 1, minute + skew - 1]) {
        assert.equal(await connections.acquireRefreshLease(stored, lease('second', 1, instant(offset))), null)
      }
      const taken = await connections.acquireRefreshLease(stored, lease('second', 1, instant(minute + skew + 1)))
      assert.equal(taken?.refreshLeaseOwner, 'second')
    },
  },
  {
    id: 'connections/due-for-refresh/earliest-first',
    title:
      'dueForRefresh answers whose time has come, of all tenants, those that wait longest first, and no more than asked',
    async run(context) {
      const { connections } = context.repositories
      // Others use the same store: these wait longer than any of theirs.
      const given = (offset: number) => givenConnection(context, { tokenRefreshAt: instant(offset - 10 ** 12) })
      const [third, first, second] = [await given(30), await given(10), await given(20)]
      const later = await given(31)
      const at = instant(30 - 10 ** 12)
      assert.deepEqual(await connections.dueForRefresh({ at, limit: 9 }), [first, second, third])
      assert.deepEqual(await connections.dueForRefresh({ at, limit: 2 }), [first, second])
      for (const row of [first, second, third, later]) await connections.delete(row, { at })
    },
  },
  {
    id: 'connections/due-for-refresh/left-out',
    title:
      'dueForRefresh leaves out what is disabled, paused, deleted, being refreshed, without a grant or without an end',
    async run(context) {
      const { connections } = context.repositories
      const at = instant(100 - 10 ** 12)
      const tokenRefreshAt = instant(90 - 10 ** 12)
      const later = instant(101 - 10 ** 12)
      const due = await givenConnection(context, { tokenRefreshAt })
      const paused = await givenConnection(context, {
        tokenRefreshAt,
        pausedUntil: at,
        refreshLeaseExpiresAt: tokenRefreshAt,
      })
      await givenConnection(context, { tokenRefreshAt: null })
      await givenConnection(context, { tokenRefreshAt, isEnabled: false })
      await givenConnection(context, { tokenRefreshAt, needsReauthorization: true })
      await givenConnection(context, { tokenRefreshAt, pausedUntil: later })
      await givenConnection(context, { tokenRefreshAt, refreshLeaseOwner: 'other', refreshLeaseExpiresAt: later })
      await givenConnection(context, { tokenRefreshAt, deletedAt: at })
      assert.deepEqual(await connections.dueForRefresh({ at, limit: 20 }), [due, paused])
      for (const row of [due, paused]) await connections.delete(row, { at })
    },
  },
  {
    id: 'connections/refresh-lease/released',
    title: 'the owner gives the right back; another owner, or another tenant, changes nothing',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      const taken = await connections.acquireRefreshLease(stored, lease('first', 1))
      await connections.releaseRefreshLease(stored, { owner: 'second', at: instant(1) })
      const foreign = { id: stored.id, tenantId: await context.newTenantId() }
      await connections.releaseRefreshLease(foreign, { owner: 'first', at: instant(1) })
      assert.equal(await connections.acquireRefreshLease(foreign, lease('foreign', 1, instant(minute * 5))), null)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), taken)
      await connections.releaseRefreshLease(stored, { owner: 'first', at: instant(2) })
      assert.equal((await connections.acquireRefreshLease(stored, lease(newId(), 1, instant(3)))) === null, false)
    },
  },
]
