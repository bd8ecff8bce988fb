import assert from 'node:assert/strict'
import type { Connection } from '../../core/domain/connection.ts'
import { notPaused } from '../../core/domain/pause.ts'
import { operatorScope, type TenantId } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { givenConnection } from './given-connection.ts'
import { race } from './race.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'

const minute = 60_000
const skew = 10_000

/** What a call that met an outage tells; it saw the connection unpaused. */
const outage = { at: instant(10), untilAt: instant(minute), reason: 'away', credentialsVersion: 1, seenPauseCount: 0 }
/** What a call tells that was asked to slow down. */
const slowDown = { ...outage, reason: 'slow down', seenPauseCount: null }
/** A connection whose pause ends after a minute. */
const pausedFields = { pausedUntil: instant(minute), pauseReason: 'away', pauseCount: 2 }
/** A call that began when that pause was over. */
const answer = { startedAt: instant(minute), credentialsVersion: 1 }

function written<T extends TenantId>(stored: Connection<T>, at: Date, fields: Partial<Connection<T>>): Connection<T> {
  return { ...stored, ...fields, version: stored.version + 1, updatedAt: at }
}

const probe = (owner: string, at = instant(minute)) => ({ owner, at, leaseMs: minute, clockSkewMs: skew })

/** Pausing a connection, ending a pause, and the right to make the first call after one. */
export const pauseCases: readonly RepositoryContractCase[] = [
  {
    id: 'connections/pause/outage',
    title: 'an outage pauses, is counted, and touches nothing else; a probe that was under way has lost its lease',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, {
        ...pausedFields,
        probeLeaseOwner: 'me',
        probeLeaseExpiresAt: instant(2 * minute),
        authFailureCount: 1,
        lastAuthFailureAt: instant(1),
      })
      const failure = { ...outage, at: instant(minute + 1), untilAt: instant(3 * minute), seenPauseCount: 2 }
      const paused = await connections.pause(stored, { ...failure, reason: 'still away' })
      const expected = {
        pausedUntil: instant(3 * minute),
        pauseReason: 'still away',
        pauseCount: 3,
        probeLeaseOwner: null,
        probeLeaseExpiresAt: null,
      }
      assert.deepEqual(paused, written(stored, instant(minute + 1), expected))
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), paused)
    },
  },
  {
    id: 'connections/pause/counts-once',
    title: 'of 16 concurrent failures of one outage exactly one pauses, and the outage counts once',
    needs: ['parallel'],
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      const outcomes = await race(16, (index) =>
        connections.pause(stored, { ...outage, untilAt: instant(minute + index) }),
      )
      const pausing = outcomes.filter((outcome) => outcome !== null)
      assert.equal(pausing.length, 1)
      assert.equal(pausing[0]?.pauseCount, 1)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), pausing[0])
    },
  },
  {
    id: 'connections/pause/stale-count',
    title: 'an outage that was seen before another one was counted changes nothing, however late it is told',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, pausedFields)
      for (const seenPauseCount of [0, 1, 3]) {
        const failure = { ...outage, at: instant(2 * minute), untilAt: instant(5 * minute), seenPauseCount }
        assert.equal(await connections.pause(stored, failure), null)
      }
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'connections/pause/stale-credentials',
    title: 'a failure of other credentials than the current ones pauses nothing; an operator always may',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { credentialsVersion: 5 })
      for (const credentialsVersion of [4, 6]) {
        assert.equal(await connections.pause(stored, { ...outage, credentialsVersion }), null)
        assert.equal(await connections.pause(stored, { ...slowDown, credentialsVersion }), null)
      }
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
      const byHand = await connections.pause(stored, { ...slowDown, credentialsVersion: null, reason: null })
      const expected = { pausedUntil: instant(minute), pauseReason: null }
      assert.deepEqual(byHand, written(stored, instant(10), expected))
    },
  },
  {
    id: 'connections/pause/never-shortens',
    title: 'a pause becomes longer, never shorter, and an uncounted one leaves the count alone',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, pausedFields)
      for (const untilAt of [instant(20), instant(minute - 1), instant(minute)]) {
        assert.equal(await connections.pause(stored, { ...slowDown, untilAt }), null)
        assert.equal(await connections.pause(stored, { ...outage, seenPauseCount: 2, untilAt }), null)
        assert.equal(await connections.pause(stored, { ...slowDown, untilAt, credentialsVersion: null }), null)
      }
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
      const longer = await connections.pause(stored, { ...slowDown, untilAt: instant(minute + 1) })
      const expected = { pausedUntil: instant(minute + 1), pauseReason: 'slow down' }
      assert.deepEqual(longer, written(stored, instant(10), expected))
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), longer)
    },
  },
  {
    id: 'connections/pause/longest-wins',
    title: 'of 16 concurrent pauses of different lengths the longest stands',
    needs: ['parallel'],
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      // Neither rising nor falling, so that whoever comes last isn't the longest.
      await race(16, (index) =>
        connections.pause(stored, { ...slowDown, untilAt: instant(minute + ((index * 7) % 16)) }),
      )
      const after = await connections.find({ scope: operatorScope, id: stored.id })
      assert.deepEqual(after?.pausedUntil, instant(minute + 15))
    },
  },
  {
    id: 'connections/resume/forgets',
    title: 'resume ends a pause before its time and forgets reason, count and lease; what is not paused is left alone',
    async run(context) {
      const { connections } = context.repositories
      const lease = { probeLeaseOwner: 'me', probeLeaseExpiresAt: instant(2 * minute) }
      const stored = await givenConnection(context, { ...pausedFields, ...lease, authFailureCount: 1 })
      const resumed = await connections.resume(stored, { at: instant(20), answer: null })
      assert.deepEqual(resumed, written(stored, instant(20), notPaused))
      assert.equal(await connections.resume(stored, { at: instant(21), answer: null }), null)
      assert.equal(await connections.resume(stored, { at: instant(21), answer }), null)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), resumed)
    },
  },
  {
    id: 'connections/resume/one-winner',
    title: 'of 16 concurrent calls exactly one ends the pause',
    needs: ['parallel'],
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, pausedFields)
      const outcomes = await race(16, (index) =>
        connections.resume(stored, { at: instant(minute + 1), answer: index % 2 === 0 ? answer : null }),
      )
      assert.equal(outcomes.filter((outcome) => outcome !== null).length, 1)
    },
  },
  {
    id: 'connections/resume/stale',
    title: 'an answer to a call that began before the end of the pause, or with other credentials, ends nothing',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { ...pausedFields, credentialsVersion: 5 })
      const current = { ...answer, credentialsVersion: 5 }
      const at = instant(2 * minute)
      for (const stale of [
        { ...current, startedAt: instant(minute - 1) },
        { ...current, credentialsVersion: 4 },
        { ...current, credentialsVersion: 6 },
      ]) {
        assert.equal(await connections.resume(stored, { at, answer: stale }), null)
      }
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
      assert.deepEqual(await connections.resume(stored, { at, answer: current }), written(stored, at, notPaused))
    },
  },
  {
    id: 'connections/probe/one-winner',
    title: 'of 16 concurrent calls after a pause exactly one gets the right to go first',
    needs: ['parallel'],
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, pausedFields)
      const outcomes = await race(16, (index) => connections.acquireProbe(stored, probe(`worker ${index}`)))
      const winners = outcomes.filter((outcome) => outcome !== null)
      assert.equal(winners.length, 1)
      const lease = { probeLeaseOwner: winners[0]?.probeLeaseOwner ?? '', probeLeaseExpiresAt: instant(2 * minute) }
      assert.match(lease.probeLeaseOwner, /^worker \d+$/)
      assert.deepEqual(winners[0], written(stored, instant(minute), lease))
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), winners[0])
    },
  },
  {
    id: 'connections/probe/only-after-a-pause',
    title: 'nobody gets the right to go first while a pause lasts, or where there is none',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, pausedFields)
      const healthy = await givenConnection(context)
      assert.equal(await connections.acquireProbe(stored, probe('early', instant(minute - 1))), null)
      assert.equal(await connections.acquireProbe(healthy, probe('needless')), null)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: healthy.id }), healthy)
      await connections.resume(stored, { at: instant(minute), answer: null })
      assert.equal(await connections.acquireProbe(stored, probe('late')), null)
    },
  },
  {
    id: 'connections/probe/takeover',
    title: 'the right of a process that died may be taken over only clockSkewMs after it expired',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, pausedFields)
      await connections.acquireProbe(stored, probe('first'))
      for (const offset of [1, minute, minute + 1, minute + skew - 1]) {
        assert.equal(await connections.acquireProbe(stored, probe('second', instant(minute + offset))), null)
      }
      const taken = await connections.acquireProbe(stored, probe('second', instant(2 * minute + skew + 1)))
      assert.equal(taken?.probeLeaseOwner, 'second')
    },
  },
  {
    id: 'connections/probe/released',
    title: 'the owner gives the right back, and the next one may take it; another owner changes nothing',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, pausedFields)
      const taken = await connections.acquireProbe(stored, probe('first'))
      await connections.releaseProbe(stored, { owner: 'second', at: instant(minute + 1) })
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), taken)
      await connections.releaseProbe(stored, { owner: 'first', at: instant(minute + 2) })
      const next = await connections.acquireProbe(stored, probe('second', instant(minute + 3)))
      assert.equal(next?.probeLeaseOwner, 'second')
      assert.equal(next?.pauseCount, 2)
    },
  },
  {
    id: 'connections/probe/foreign-tenant',
    title: 'pause, resume and probe change nothing under another tenant',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, pausedFields)
      const foreign = { tenantId: await context.newTenantId(), id: stored.id }
      const later = { ...outage, untilAt: instant(2 * minute), seenPauseCount: 2 }
      assert.equal(await connections.pause(foreign, later), null)
      assert.equal(await connections.resume(foreign, { at: instant(minute), answer: null }), null)
      assert.equal(await connections.acquireProbe(foreign, probe('foreign')), null)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
      const taken = await connections.acquireProbe(stored, probe('mine'))
      await connections.releaseProbe(foreign, { owner: 'mine', at: instant(minute) })
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), taken)
    },
  },
]
