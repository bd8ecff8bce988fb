import assert from 'node:assert/strict'
import { operatorScope, tenantScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newConnection } from '../new-connection.ts'
import { newId } from '../new-id.ts'
import { givenConnection } from './given-connection.ts'
import { race } from './race.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'

/** Replacing credentials, and deleting connections. */
export const credentialsCases: readonly RepositoryContractCase[] = [
  {
    id: 'connections/replace-credentials/written',
    title: 'new credentials raise credentialsVersion by one and start the count of failures afresh',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, {
        credentialsVersion: 3,
        authFailureCount: 2,
        lastAuthFailureAt: instant(1),
        webhookSecretsEncrypted: 'v1.key.nonce.secrets',
      })
      const written = await connections.replaceCredentials(stored, {
        at: instant(5),
        expectedCredentialsVersion: 3,
        tokenExpiresAt: null,
        tokenRefreshAt: null,
        credentialsEncrypted: 'v1.key.nonce.renewed',
      })
      assert.deepEqual(written, {
        ...stored,
        credentialsEncrypted: 'v1.key.nonce.renewed',
        credentialsVersion: 4,
        authFailureCount: 0,
        lastAuthFailureAt: null,
        version: stored.version + 1,
        updatedAt: instant(5),
      })
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), written)
    },
  },
  {
    id: 'connections/replace-credentials/stale',
    title: 'a replacement of other credentials than the current ones answers null and writes nothing',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { credentialsVersion: 3 })
      for (const expectedCredentialsVersion of [2, 4]) {
        const replacement = {
          at: instant(5),
          expectedCredentialsVersion,
          credentialsEncrypted: 'stale',
          tokenExpiresAt: null,
          tokenRefreshAt: null,
        }
        assert.equal(await connections.replaceCredentials(stored, replacement), null)
      }
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'connections/replace-credentials/one-winner',
    title: 'of 16 concurrent replacements exactly one wins, and its credentials are the stored ones',
    needs: ['parallel'],
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      const outcomes = await race(16, (index) =>
        connections.replaceCredentials(stored, {
          at: instant(5),
          expectedCredentialsVersion: stored.credentialsVersion,
          tokenExpiresAt: null,
          tokenRefreshAt: null,
          credentialsEncrypted: `v1.key.nonce.${index}`,
        }),
      )
      const winners = outcomes.filter((outcome) => outcome !== null)
      assert.equal(winners.length, 1)
      assert.equal(winners[0]?.credentialsVersion, stored.credentialsVersion + 1)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), winners[0])
    },
  },
  {
    id: 'connections/delete/erases',
    title: 'delete answers the row as it was, and erases credentials, secrets and settings',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, {
        config: { shop: 'a' },
        webhookSecretsEncrypted: 'v1.key.nonce.secrets',
        settingsEncrypted: 'v1.key.nonce.settings',
      })
      assert.deepEqual(await connections.delete(stored, { at: instant(5) }), stored)
      const row = await connections.find({ scope: operatorScope, id: stored.id, includeDeleted: true })
      assert.equal(row?.credentialsEncrypted, '')
      assert.equal(row?.webhookSecretsEncrypted, null)
      assert.equal(row?.settingsEncrypted, null)
      assert.deepEqual(row?.config, {})
      assert.equal(row?.isEnabled, false)
      assert.equal(row?.slot, stored.id)
      assert.equal(row?.version, stored.version + 1)
      assert.deepEqual(row?.deletedAt, instant(5))
    },
  },
  {
    id: 'connections/delete/hidden',
    title: 'a deleted connection is invisible to every verb, unless it is asked for',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      const at = instant(6)
      const { id, version: expectedVersion, credentialsVersion } = stored
      const scope = tenantScope(stored.tenantId)
      await connections.delete(stored, { at: instant(5) })
      const row = await connections.find({ scope, id, includeDeleted: true })
      const failure = {
        at,
        reason: 'r',
        threshold: 1,
        credentialsVersion,
        disconnect: true,
        needsReauthorization: false,
      }
      const success = { at, startedAt: at, credentialsVersion, appliesToDisabled: true }
      const replacement = {
        at,
        expectedCredentialsVersion: credentialsVersion,
        credentialsEncrypted: 'late',
        tokenExpiresAt: null,
        tokenRefreshAt: null,
      }
      assert.equal(await connections.find({ scope, id }), null)
      assert.equal(await connections.find({ scope: operatorScope, id }), null)
      assert.deepEqual((await connections.list({ scope, filter: {}, limit: 10 })).items, [])
      for (const version of [expectedVersion, expectedVersion + 1]) {
        assert.equal(await connections.update(stored, { at, expectedVersion: version, patch: { config: {} } }), null)
      }
      assert.equal(await connections.replaceCredentials(stored, replacement), null)
      assert.equal(await connections.recordAuthFailure(stored, failure), null)
      assert.equal(await connections.markConnected(stored, success), null)
      assert.equal(await connections.enable(stored, { at }), null)
      assert.equal(await connections.disable(stored, { at, reason: null }), null)
      assert.equal(await connections.delete(stored, { at }), null)
      assert.deepEqual(await connections.find({ scope, id, includeDeleted: true }), row)
    },
  },
  {
    id: 'connections/delete/frees-slot',
    title: 'after a deletion the tenant can connect the provider anew, again and again',
    async run(context) {
      const { connections } = context.repositories
      const tenantId = await context.newTenantId()
      for (const at of [instant(5), instant(6), instant(7)]) {
        const connection = newConnection({ tenantId, slot: '' })
        await connections.create(connection)
        await connections.delete(connection, { at })
      }
      const last = await givenConnection(context, { tenantId, slot: '' })
      assert.deepEqual(
        (await connections.list({ scope: tenantScope(tenantId), filter: {}, limit: 10 })).items.map(({ id }) => id),
        [last.id],
      )
    },
  },
  {
    id: 'connections/delete/one-winner',
    title: 'of 16 concurrent deletions exactly one gets the row',
    needs: ['parallel'],
    async run(context) {
      const stored = await givenConnection(context)
      const outcomes = await race(16, () => context.repositories.connections.delete(stored, { at: instant(5) }))
      assert.deepEqual(
        outcomes.filter((outcome) => outcome !== null),
        [stored],
      )
    },
  },
  {
    id: 'connections/all/missing',
    title: 'a verb on a connection that does not exist answers null',
    async run(context) {
      const { connections } = context.repositories
      const ref = { tenantId: await context.newTenantId(), id: newId() }
      const at = instant(5)
      const failure = {
        at,
        reason: 'r',
        threshold: 1,
        credentialsVersion: 1,
        disconnect: true,
        needsReauthorization: false,
      }
      const success = { at, startedAt: at, credentialsVersion: 1, appliesToDisabled: true }
      const replacement = {
        at,
        expectedCredentialsVersion: 1,
        credentialsEncrypted: 'x',
        tokenExpiresAt: null,
        tokenRefreshAt: null,
      }
      assert.equal(await connections.update(ref, { at, expectedVersion: 1, patch: {} }), null)
      assert.equal(await connections.replaceCredentials(ref, replacement), null)
      assert.equal(await connections.recordAuthFailure(ref, failure), null)
      assert.equal(await connections.markConnected(ref, success), null)
      assert.equal(await connections.enable(ref, { at }), null)
      assert.equal(await connections.disable(ref, { at, reason: null }), null)
      assert.equal(await connections.delete(ref, { at }), null)
    },
  },
]
