import { ConnectorsError } from '../../core/domain/errors.ts'
import { statsOfGroups } from '../../core/domain/execution-stats.ts'
import type { HandledTypes } from '../../core/domain/handled-types.ts'
import { isStorableText } from '../../core/domain/storable-text.ts'
import type { TenantId } from '../../core/domain/tenant.ts'
import type { RepositorySet } from '../../core/ports/repositories.ts'
import { claimLost, leaseLost } from './refusals.ts'
import { storable } from './storable.ts'

/**
 * What a verb does with what no database can hold. `row`: its first argument is, or names, what to write. Else that names rows, and
 * a name with such a text is nobody's: the function says what finding nothing means.
 */
type Rule<Verb> = Verb extends (...args: infer Args) => Promise<infer Answer>
  ? 'row' | ((...args: Args) => Answer)
  : never

type Rules<Repository> = { readonly [Name in keyof Repository]: Rule<Repository[Name]> }

const nothing = () => null
const noChange = () => {}
const emptyPage = () => ({ items: [], next: null })

/**
 * Repositories that hand on only what every database can hold, so that all behave alike and nothing of the kind ever
 * fails in the database, where it would take the transaction along.
 */
export function storableRepositories<T extends TenantId>(set: RepositorySet<T>): RepositorySet<T> {
  const webhookEvents = only(set.webhookEvents, {
    insertIfAbsent: 'row',
    keepRejected: 'row',
    find: nothing,
    list: emptyPage,
    claim: nothing,
    complete: lostClaim,
    markUnhandled: noChange,
    retryLater: lostClaim,
    deadLetter: lostClaim,
    requeue: nothing,
    abandon: nothing,
    purge: () => 0,
    prune: () => 0,
    due: () => [],
  })
  return {
    connections: only(set.connections, {
      create: 'row',
      find: nothing,
      list: emptyPage,
      update: nothing,
      replaceCredentials: nothing,
      reseal: nothing,
      acquireRefreshLease: nothing,
      dueForRefresh: () => [],
      releaseRefreshLease: noChange,
      recordAuthFailure: nothing,
      markConnected: nothing,
      enable: nothing,
      disable: nothing,
      pause: nothing,
      resume: nothing,
      acquireProbe: nothing,
      releaseProbe: noChange,
      delete: nothing,
    }),
    syncStates: only(set.syncStates, {
      find: nothing,
      list: emptyPage,
      acquire: 'row',
      renew: lostLease,
      commit: lostLease,
      fail: lostLease,
      schedule: 'row',
      request: 'row',
      interrupt: nothing,
      moveDue: () => false,
      due: () => [],
      release: noChange,
    }),
    // One type of many that can't be there must not hide the others.
    webhookEvents: {
      ...webhookEvents,
      claim: (ref, claim) => webhookEvents.claim(ref, { ...claim, handled: storableTypes(claim.handled) }),
      due: (query) => webhookEvents.due({ ...query, handled: storableTypes(query.handled) }),
    },
    executionLogs: only(set.executionLogs, {
      appendMany: 'row',
      list: emptyPage,
      stats: () => statsOfGroups([]),
      prune: () => 0,
    }),
    oauthStates: only(set.oauthStates, { create: 'row', consume: nothing, list: emptyPage, prune: () => 0 }),
  }
}

type AnyVerb = (...args: readonly unknown[]) => Promise<unknown>

function only<Repository extends object>(repository: Repository, rules: Rules<Repository>): Repository {
  const verbs = Object.entries<AnyVerb>(repository as Record<string, AnyVerb>).map(([name, verb]) => {
    const rule = (rules as Record<string, 'row' | ((...args: readonly unknown[]) => unknown)>)[name]
    return [
      name,
      async (...args: readonly unknown[]) => {
        if (rule === 'row') requireNames(args[0])
        else if (rule !== undefined && !isStorable(args[0])) return rule(...args)
        return verb(...args.map(storable))
      },
    ]
  })
  return Object.fromEntries(verbs) as Repository // the same verbs
}

/** The names of a row are never mended: it would become somebody else's. */
function requireNames(given: unknown): void {
  for (const row of Array.isArray(given) ? given : [given]) {
    for (const name of ['tenantId', 'id', 'connectionId', 'idempotencyKey', 'resourceType']) {
      if (isStorable((row as Readonly<Record<string, unknown>>)[name])) continue
      throw new ConnectorsError(
        'INVALID_INPUT',
        `The ${name} of a row must have no NUL and no half of a surrogate pair.`,
      )
    }
  }
}

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every(isStorable)
}

function storableTypes(handled: HandledTypes): HandledTypes {
  if (handled === 'all') return handled
  return { ...handled, types: handled.types.filter(isStorableText), groups: handled.groups.filter(isStorableText) }
}

function lostLease(ref: Parameters<typeof leaseLost>[0]): never {
  throw leaseLost(ref)
}

function lostClaim(ref: Parameters<typeof claimLost>[0], { attempt }: { readonly attempt: number }): never {
  throw claimLost(ref, attempt)
}
