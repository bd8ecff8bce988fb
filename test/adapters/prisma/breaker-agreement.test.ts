import fc from 'fast-check'
import { expect, test } from 'vitest'
import { prismaRepositories } from '../../../src/adapters/prisma/prisma-repositories.ts'
import { type BreakerEvent, breaker } from '../../../src/core/domain/breaker.ts'
import type { Connection } from '../../../src/core/domain/connection.ts'
import { type PauseEvent, pauses } from '../../../src/core/domain/pause.ts'
import type { ConnectionRepository } from '../../../src/core/ports/connection-repository.ts'
import { instant } from '../../../src/testing/instant.ts'
import { newConnection } from '../../../src/testing/new-connection.ts'
import { temporarySqlite } from '../../support/temporary-sqlite.ts'

const reason = fc.constantFrom('refused', 'revoked')
const version = fc.integer({ min: 1, max: 2 })
const happening = fc.oneof(
  fc.record({
    type: fc.constant('paused' as const),
    untilAt: fc.integer({ min: 0, max: 5 }).map(instant),
    reason: fc.option(reason),
    credentialsVersion: fc.option(version),
    seenPauseCount: fc.option(fc.nat({ max: 2 })),
  }),
  fc.record({
    type: fc.constant('resumed' as const),
    answer: fc.option(
      fc.record({ startedAt: fc.integer({ min: 0, max: 5 }).map(instant), credentialsVersion: version }),
    ),
  }),
  fc.record({
    type: fc.constant('authenticationFailed' as const),
    at: fc.integer({ min: 0, max: 5 }).map(instant),
    reason,
    threshold: fc.integer({ min: 1, max: 3 }),
    credentialsVersion: version,
    disconnect: fc.boolean(),
    needsReauthorization: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('succeeded' as const),
    startedAt: fc.integer({ min: 0, max: 5 }).map(instant),
    credentialsVersion: version,
    appliesToDisabled: fc.boolean(),
  }),
  fc.constant({ type: 'enabled' as const }),
  fc.record({ type: fc.constant('disabled' as const), reason: fc.option(reason) }),
  fc.constant({ type: 'credentialsReplaced' as const }),
)

async function apply(
  connections: ConnectionRepository<string>,
  row: Connection<string>,
  event: BreakerEvent | PauseEvent,
) {
  const at = instant(9)
  switch (event.type) {
    case 'authenticationFailed':
      return (await connections.recordAuthFailure(row, event))?.after
    case 'succeeded':
      return (await connections.markConnected(row, { ...event, at }))?.after
    case 'enabled':
      return (await connections.enable(row, { at }))?.after
    case 'disabled':
      return (await connections.disable(row, { at, reason: event.reason }))?.after
    case 'paused':
      return (await connections.pause(row, { ...event, at })) ?? row
    case 'resumed':
      return (await connections.resume(row, { ...event, at })) ?? row
    case 'credentialsReplaced':
      return connections.replaceCredentials(row, {
        at,
        expectedCredentialsVersion: row.credentialsVersion,
        tokenExpiresAt: null,
        tokenRefreshAt: null,
        credentialsEncrypted: row.credentialsEncrypted,
      })
  }
}

function decide(row: Connection<string>, event: BreakerEvent | PauseEvent): Connection<string> {
  return event.type === 'paused' || event.type === 'resumed' ? pauses(row, event) : breaker(row, event)
}

function health({ version: _version, updatedAt: _updatedAt, ...rest }: Connection<string>) {
  return rest
}

test('whatever happens to a connection, the row becomes what the reducer says, and changes only if it says so', async () => {
  const { prisma } = await temporarySqlite()
  const { connections } = prismaRepositories(prisma)
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 8 }), fc.boolean(), async (happenings, isConnected) => {
      let expected = newConnection<string>({ tenantId: 'acme', isConnected })
      await connections.create(expected)
      for (const event of happenings) {
        const decided = decide(expected, event)
        const after = await apply(connections, expected, event)
        const stored = await connections.find({ scope: { kind: 'operator' }, id: expected.id })
        expect(stored).toEqual(after)
        expect(health(stored!)).toEqual(health(decided))
        expect(stored!.version - expected.version).toBe(decided === expected ? 0 : 1)
        expected = stored!
      }
    }),
    { numRuns: 40 },
  )
}, 30_000)
