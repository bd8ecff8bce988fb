import assert from 'node:assert/strict'
import { operatorScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { givenConnection } from './given-connection.ts'
import { race } from './race.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'

const minute = 60_000
const clockSkewMs = 10_000

const sealed = {
  credentialsEncrypted: 'v1.old.nonce.Credentials',
  webhookSecretsEncrypted: 'v1.old.nonce.Secrets',
  settingsEncrypted: 'v1.old.nonce.Settings',
}
const credentials = { credentialsEncrypted: { from: sealed.credentialsEncrypted, to: 'v1.new.nonce.credentials' } }
const columns = {
  ...credentials,
  webhookSecretsEncrypted: { from: sealed.webhookSecretsEncrypted, to: 'v1.new.nonce.secrets' },
  settingsEncrypted: { from: sealed.settingsEncrypted, to: 'v1.new.nonce.settings' },
}

/** Putting new ciphertexts of the same secrets in the place of old ones. */
export const resealCases: readonly RepositoryContractCase[] = [
  {
    id: 'connections/reseal/written',
    title: 'reseal writes the named columns, raises the version, and leaves the rest and credentialsVersion alone',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { ...sealed, credentialsVersion: 3, authFailureCount: 2 })
      const at = instant(5)
      const { settingsEncrypted: _settings, ...two } = columns
      const written = await connections.reseal(stored, { at, clockSkewMs, columns: two })
      assert.deepEqual(written, {
        ...stored,
        credentialsEncrypted: columns.credentialsEncrypted.to,
        webhookSecretsEncrypted: columns.webhookSecretsEncrypted.to,
        version: stored.version + 1,
        updatedAt: at,
      })
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), written)
    },
  },
  {
    id: 'connections/reseal/stale',
    title: 'if one of the columns was written meanwhile, nothing is',
    async run(context) {
      const { connections } = context.repositories
      const at = instant(5)
      const stored = await givenConnection(context, { ...sealed, webhookSecretsEncrypted: null })
      assert.equal(await connections.reseal(stored, { at, clockSkewMs, columns }), null)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
      const replaced = await connections.replaceCredentials(stored, {
        at,
        expectedCredentialsVersion: stored.credentialsVersion,
        credentialsEncrypted: 'v1.old.nonce.renewed',
        tokenExpiresAt: null,
        tokenRefreshAt: null,
      })
      assert.equal(await connections.reseal(stored, { at, clockSkewMs, columns: credentials }), null)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), replaced)
    },
  },
  {
    id: 'connections/reseal/exact-ciphertext',
    title: 'a ciphertext that differs in the case of a letter, or by a blank, is another one',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, sealed)
      for (const from of [sealed.credentialsEncrypted.toLowerCase(), `${sealed.credentialsEncrypted} `]) {
        const change = { at: instant(5), clockSkewMs, columns: { credentialsEncrypted: { from, to: 'wrong' } } }
        assert.equal(await connections.reseal(stored, change), null)
      }
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'connections/reseal/lease',
    title: 'nothing is resealed while someone refreshes the credentials, until clockSkewMs after the lease expired',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, sealed)
      const lease = { owner: 'worker', at: instant(0), leaseMs: minute, clockSkewMs, expectedCredentialsVersion: 1 }
      const leased = await connections.acquireRefreshLease(stored, lease)
      for (const offset of [1, minute, minute + clockSkewMs]) {
        const change = { at: instant(offset), clockSkewMs, columns: credentials }
        assert.equal(await connections.reseal(stored, change), null)
      }
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), leased)
      const late = { at: instant(minute + clockSkewMs + 1), clockSkewMs, columns: credentials }
      assert.equal((await connections.reseal(stored, late))?.credentialsEncrypted, 'v1.new.nonce.credentials')
    },
  },
  {
    id: 'connections/reseal/refresh-goes-on',
    title: 'a refresh that began before can replace the credentials after they were resealed',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, sealed)
      await connections.reseal(stored, { at: instant(5), clockSkewMs, columns })
      const replaced = await connections.replaceCredentials(stored, {
        at: instant(6),
        expectedCredentialsVersion: stored.credentialsVersion,
        credentialsEncrypted: 'v1.old.nonce.refreshed',
        tokenExpiresAt: null,
        tokenRefreshAt: null,
      })
      assert.equal(replaced?.credentialsEncrypted, 'v1.old.nonce.refreshed')
      assert.equal(replaced?.settingsEncrypted, columns.settingsEncrypted.to)
    },
  },
  {
    id: 'connections/reseal/one-winner',
    title: 'of 16 concurrent calls on one old ciphertext exactly one writes',
    needs: ['parallel'],
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, sealed)
      const outcomes = await race(16, (index) =>
        connections.reseal(stored, {
          at: instant(5),
          clockSkewMs,
          columns: { credentialsEncrypted: { from: sealed.credentialsEncrypted, to: `v1.new.nonce.${index}` } },
        }),
      )
      const winners = outcomes.filter((outcome) => outcome !== null)
      assert.equal(winners.length, 1)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), winners[0])
    },
  },
  {
    id: 'connections/reseal/foreign-tenant',
    title: 'another tenant, a deleted connection and one that never was are not resealed',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, sealed)
      const change = { at: instant(5), clockSkewMs, columns }
      const foreign = { id: stored.id, tenantId: await context.newTenantId() }
      assert.equal(await connections.reseal(foreign, change), null)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
      await connections.delete(stored, { at: instant(6) })
      assert.equal(await connections.reseal(stored, change), null)
    },
  },
]
