import type { MemoryRepositories } from '../../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../../src/core/domain/errors.ts'
import { storableText } from '../../../src/core/domain/storable-text.ts'
import type { RepositorySet } from '../../../src/core/ports/repositories.ts'
import type { Saboteur } from './saboteur.ts'

/** Changes, or refuses, the arguments of every verb, in and out of transactions. */
function everyVerb(change: (args: unknown) => unknown): (good: MemoryRepositories) => MemoryRepositories {
  const changed = (set: RepositorySet<string>): RepositorySet<string> => {
    const verbs = <Verbs extends object>(good: Verbs): Verbs =>
      Object.fromEntries(
        Object.entries(good).map(([name, verb]) => [
          name,
          async (...args: readonly unknown[]) => verb(...args.map((arg) => change(arg))),
        ]),
      ) as Verbs // same names, same verbs
    return {
      connections: verbs(set.connections),
      syncStates: verbs(set.syncStates),
      webhookEvents: verbs(set.webhookEvents),
      executionLogs: verbs(set.executionLogs),
      oauthStates: verbs(set.oauthStates),
    }
  }
  return (good) => ({
    ...good,
    ...changed(good),
    transaction: (work, limits) =>
      good.transaction(({ repositories, tx }) => work({ repositories: changed(repositories), tx }), limits),
  })
}

/** A copy of a value with its leaves, and the names of members, replaced. */
function mapped(value: unknown, leaf: (value: unknown) => unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Date)
    return leaf(value)
  if (Array.isArray(value)) return value.map((item) => mapped(item, leaf))
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [String(leaf(name)), mapped(item, leaf)]))
}

const texts = [
  'connections/all/unstorable-text',
  'sync-states/all/unstorable-text',
  'webhook-events/all/unstorable-text',
  'webhook-events/insert-if-absent/payload-text',
  'execution-logs/append-many/unstorable-text',
  'oauth-states/create/unstorable-text',
  'transaction/unstorable-text/not-poisoned',
]

const names = [
  'connections/all/unstorable-name',
  'sync-states/all/unstorable-name',
  'webhook-events/all/unstorable-name',
  'execution-logs/all/unstorable-name',
  'oauth-states/all/unstorable-name',
]

export const valueSaboteurs: readonly Saboteur[] = [
  {
    mistake: 'texts go to a database that refuses NUL',
    caughtBy: [...texts, ...names],
    sabotage: everyVerb((arg) => {
      if (JSON.stringify(arg).includes('\\u0000')) throw new ConnectorsError('STORE_FAILED', 'invalid byte sequence')
      return arg
    }),
  },
  {
    mistake: 'a text ends at the first NUL',
    caughtBy: [...texts, ...names],
    sabotage: everyVerb((arg) => mapped(arg, (leaf) => (typeof leaf === 'string' ? leaf.split('\0')[0] : leaf))),
  },
  {
    mistake: 'names are mended as if they were texts',
    caughtBy: [...names, 'transaction/unstorable-text/not-poisoned'],
    sabotage: everyVerb((arg) => mapped(arg, (leaf) => (typeof leaf === 'string' ? storableText(leaf) : leaf))),
  },
  {
    mistake: 'numbers keep 15 digits',
    caughtBy: [
      'connections/create/config-numbers',
      'connections/all/exact-changes',
      'webhook-events/insert-if-absent/payload-numbers',
      'webhook-events/all/exact-changes',
    ],
    sabotage: everyVerb((arg) =>
      mapped(arg, (leaf) => (typeof leaf === 'number' ? Number(leaf.toPrecision(15)) : leaf)),
    ),
  },
  {
    mistake: 'a text has at most 64 kB',
    caughtBy: ['connections/all/exact-changes', 'sync-states/fail/exact-text', 'webhook-events/all/exact-changes'],
    sabotage: everyVerb((arg) => mapped(arg, (leaf) => (typeof leaf === 'string' ? leaf.slice(0, 65_535) : leaf))),
  },
  {
    mistake: 'instants end with the epoch of 32 bits',
    caughtBy: ['transaction/instants/edges', 'transaction/instants/outside'],
    sabotage: everyVerb((arg) =>
      mapped(arg, (leaf) => {
        const most = 2 ** 31 * 1_000
        if (!(leaf instanceof Date)) return leaf
        return new Date(Math.min(most, Math.max(-most, leaf.getTime() || 0)))
      }),
    ),
  },
]
