import { operatorScope } from '../../../src/core/domain/tenant.ts'
import type { ConnectionRepository } from '../../../src/core/ports/connection-repository.ts'
import type { Saboteur } from './saboteur.ts'

function connections(
  mistake: string,
  caughtBy: readonly string[],
  change: (good: ConnectionRepository<string>) => Partial<ConnectionRepository<string>>,
): Saboteur {
  return {
    mistake,
    caughtBy,
    sabotage: (good) => ({ ...good, connections: { ...good.connections, ...change(good.connections) } }),
  }
}

const rowOf = (good: ConnectionRepository<string>, id: string) => good.find({ scope: operatorScope, id })

export const pauseSaboteurs: readonly Saboteur[] = [
  connections('pause counts every failure of an outage', ['connections/pause/stale-count'], (good) => ({
    pause: async (ref, pause) => {
      const row = await rowOf(good, ref.id)
      const untilAt = row?.pausedUntil ? new Date(row.pausedUntil.getTime() + 1) : pause.untilAt
      return good.pause(ref, { ...pause, untilAt, seenPauseCount: row?.pauseCount ?? 0 })
    },
  })),

  connections('pause reads the count, then writes whatever is there', ['connections/pause/counts-once'], (good) => ({
    pause: async (ref, pause) => {
      const row = await rowOf(good, ref.id)
      if (row === null || row.pauseCount !== pause.seenPauseCount) return null
      await good.pause(ref, pause)
      return { ...row, pausedUntil: pause.untilAt, pauseCount: row.pauseCount + 1 }
    },
  })),

  connections(
    'pause overwrites a longer one',
    ['connections/pause/never-shortens', 'connections/pause/longest-wins'],
    (good) => {
      let last: Promise<unknown> = Promise.resolve()
      return {
        pause: (ref, pause) => {
          const written = last.then(async () => {
            await good.resume(ref, { at: pause.at, answer: null })
            return good.pause(ref, { ...pause, seenPauseCount: null })
          })
          last = written
          return written
        },
      }
    },
  ),

  connections('pause ignores which credentials failed', ['connections/pause/stale-credentials'], (good) => ({
    pause: (ref, pause) => good.pause(ref, { ...pause, credentialsVersion: null }),
  })),

  connections('resume tells every caller that it ended the pause', ['connections/resume/one-winner'], (good) => ({
    resume: async (ref, change) => {
      await good.resume(ref, change)
      return rowOf(good, ref.id)
    },
  })),

  connections('resume ignores when the answered call began', ['connections/resume/stale'], (good) => ({
    resume: (ref, { at, answer }) => good.resume(ref, { at, answer: answer && { ...answer, startedAt: at } }),
  })),

  connections('resume ignores which credentials were used', ['connections/resume/stale'], (good) => ({
    resume: async (ref, { at, answer }) => {
      const credentialsVersion = (await rowOf(good, ref.id))?.credentialsVersion ?? 0
      return good.resume(ref, { at, answer: answer && { ...answer, credentialsVersion } })
    },
  })),

  connections(
    'acquireProbe looks for a lease, then takes it whatever happened meanwhile',
    ['connections/probe/one-winner'],
    (good) => ({
      acquireProbe: async (ref, wanted) => {
        const row = await rowOf(good, ref.id)
        if (row === null || row.probeLeaseOwner !== null) return null
        await good.acquireProbe(ref, wanted)
        return { ...row, probeLeaseOwner: wanted.owner }
      },
    }),
  ),

  connections('acquireProbe forgets to look at the pause', ['connections/probe/only-after-a-pause'], (good) => ({
    acquireProbe: async (ref, wanted) => {
      const row = await rowOf(good, ref.id)
      return row === null ? null : { ...row, probeLeaseOwner: wanted.owner }
    },
  })),

  connections('acquireProbe takes a lease over the moment it expired', ['connections/probe/takeover'], (good) => ({
    acquireProbe: (ref, wanted) => good.acquireProbe(ref, { ...wanted, clockSkewMs: 0 }),
  })),

  connections('releaseProbe gives back the lease of whoever has it', ['connections/probe/released'], (good) => ({
    releaseProbe: async (ref, { at }) => {
      const owner = (await rowOf(good, ref.id))?.probeLeaseOwner
      if (owner) await good.releaseProbe(ref, { owner, at })
    },
  })),

  connections('pause, resume and probe match the id alone', ['connections/probe/foreign-tenant'], (good) => ({
    resume: async (ref, change) => {
      const row = await rowOf(good, ref.id)
      return row === null ? null : good.resume(row, change)
    },
  })),
]
