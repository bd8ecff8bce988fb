import { operatorScope } from '../../../src/core/domain/tenant.ts'
import type { ConnectionRepository, SealedColumn } from '../../../src/core/ports/connection-repository.ts'
import type { Saboteur } from './saboteur.ts'

type Repository = ConnectionRepository<string>
type Reseal = Repository['reseal']

function reseal(mistake: string, caughtBy: readonly string[], bad: (good: Repository) => Reseal): Saboteur {
  return {
    mistake,
    caughtBy,
    sabotage: (good) => ({ ...good, connections: { ...good.connections, reseal: bad(good.connections) } }),
  }
}

const columnsOf = (change: Parameters<Reseal>[1]) => Object.keys(change.columns) as SealedColumn[]

export const resealSaboteurs: readonly Saboteur[] = [
  reseal(
    'reseal writes over whatever is there, until it succeeds',
    ['connections/reseal/stale', 'connections/reseal/one-winner', 'connections/reseal/exact-ciphertext'],
    (good) => async (ref, change) => {
      for (let tries = 0; tries < 50; tries += 1) {
        const row = await good.find({ scope: operatorScope, id: ref.id })
        const columns = Object.fromEntries(
          columnsOf(change).map((name) => [name, { from: row?.[name] ?? '', to: change.columns[name]?.to ?? '' }]),
        )
        const written = await good.reseal(ref, { ...change, columns })
        if (written !== null) return written
      }
      return null
    },
  ),

  reseal('reseal writes those columns that fit', ['connections/reseal/stale'], (good) => async (ref, change) => {
    let written = null
    for (const name of columnsOf(change)) {
      const one = await good.reseal(ref, { ...change, columns: { [name]: change.columns[name] } })
      written = one ?? written
    }
    return written
  }),

  reseal(
    'reseal compares without case and blanks, as a collation may',
    ['connections/reseal/exact-ciphertext'],
    (good) => async (ref, change) => {
      const row = await good.find({ scope: operatorScope, id: ref.id })
      const plain = (text: string | null | undefined) => text?.trim().toLowerCase() ?? ''
      const columns = Object.fromEntries(
        columnsOf(change).map((name) => {
          const { from = '', to = '' } = change.columns[name] ?? {}
          return [name, { from: plain(row?.[name]) === plain(from) ? (row?.[name] ?? '') : from, to }]
        }),
      )
      return good.reseal(ref, { ...change, columns })
    },
  ),

  reseal(
    'reseal asks for no lease',
    ['connections/reseal/lease'],
    (good) => (ref, change) => good.reseal(ref, { ...change, clockSkewMs: -1_000 * change.clockSkewMs }),
  ),

  reseal(
    'reseal takes a lease for over the moment it expired',
    ['connections/reseal/lease'],
    (good) => (ref, change) => good.reseal(ref, { ...change, clockSkewMs: 0 }),
  ),

  reseal(
    'reseal counts as new credentials',
    ['connections/reseal/written', 'connections/reseal/refresh-goes-on'],
    (good) => async (ref, change) => {
      const { at, columns } = change
      const row = await good.reseal(ref, change)
      if (row === null || columns.credentialsEncrypted === undefined) return row
      return good.replaceCredentials(ref, {
        at,
        expectedCredentialsVersion: row.credentialsVersion,
        credentialsEncrypted: columns.credentialsEncrypted.to,
        tokenExpiresAt: row.tokenExpiresAt,
        tokenRefreshAt: row.tokenRefreshAt,
      })
    },
  ),

  reseal('reseal matches the id alone', ['connections/reseal/foreign-tenant'], (good) => async (ref, change) => {
    const row = await good.find({ scope: operatorScope, id: ref.id })
    return row === null ? null : good.reseal(row, change)
  }),
]
