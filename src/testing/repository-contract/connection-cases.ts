import assert from 'node:assert/strict'
import { isConnectorsError } from '../../core/domain/errors.ts'
import { operatorScope, tenantScope } from '../../core/domain/tenant.ts'
import { instant } from '../instant.ts'
import { newConnection } from '../new-connection.ts'
import { newId } from '../new-id.ts'
import { foreignChanges, probed } from './foreign-changes.ts'
import { givenConnection } from './given-connection.ts'
import { race } from './race.ts'
import { rejectsWith } from './rejects-with.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'
import { walkPages } from './walk-pages.ts'

/** Storing, finding, listing and updating connections. */
export const connectionCases: readonly RepositoryContractCase[] = [
  {
    id: 'connections/create/round-trip',
    title: 'every field comes back as it was stored, instants to the millisecond',
    async run(context) {
      const stored = await givenConnection(context, {
        displayName: 'Müller & Söhne 🧾',
        credentialsVersion: 7,
        webhookSecretsEncrypted: 'v1.key.nonce.secrets',
        config: { shop: 'a', nested: { list: [1, 'two', null, true, { deep: '🚀' }] } },
        settingsEncrypted: 'v1.key.nonce.settings',
        isEnabled: false,
        isConnected: false,
        authFailureCount: 2,
        lastAuthFailureAt: instant(1),
        disabledReason: 'refused',
        pausedUntil: instant(123_457),
        pauseReason: 'slow down',
        pauseCount: 4,
        probeLeaseOwner: 'worker 1',
        probeLeaseExpiresAt: instant(234_567),
        externalAccountId: 'account-1',
        version: 3,
        createdAt: instant(999),
        updatedAt: instant(1_001),
      })
      const found = await context.repositories.connections.find({ scope: operatorScope, id: stored.id })
      assert.deepEqual(found, stored)
    },
  },
  {
    id: 'connections/create/conflict',
    title: 'a taken (tenant, family, provider, slot) is refused with CONFLICT and the first row stays as it was',
    async run(context) {
      const { connections } = context.repositories
      const first = await givenConnection(context, { slot: '' })
      const second = newConnection({ tenantId: first.tenantId, slot: '', displayName: 'second' })
      await rejectsWith('CONFLICT', () => connections.create(second))
      assert.deepEqual(await connections.find({ scope: operatorScope, id: first.id }), first)
      assert.equal(await connections.find({ scope: operatorScope, id: second.id }), null)
    },
  },
  {
    id: 'connections/create/independent-slots',
    title: 'another tenant, family, provider or slot is free',
    async run(context) {
      const { tenantId } = await givenConnection(context, { slot: '' })
      await givenConnection(context, { tenantId, slot: '', providerFamily: 'shop' })
      await givenConnection(context, { tenantId, slot: '', providerName: 'gitlab' })
      await givenConnection(context, { tenantId })
      await givenConnection(context, { slot: '' })
      const page = await context.repositories.connections.list({ scope: tenantScope(tenantId), filter: {}, limit: 10 })
      assert.equal(page.items.length, 4)
    },
  },
  {
    id: 'connections/create/one-winner',
    title: 'of 16 concurrent creations in one slot exactly one succeeds',
    needs: ['parallel'],
    async run(context) {
      const tenantId = await context.newTenantId()
      const { connections } = context.repositories
      const outcomes = await race(16, () =>
        connections.create(newConnection({ tenantId, slot: '' })).then(
          () => 'created',
          (error: { readonly code?: unknown }) => error.code,
        ),
      )
      assert.equal(outcomes.filter((outcome) => outcome === 'created').length, 1)
      assert.equal(outcomes.filter((outcome) => outcome === 'CONFLICT').length, 15)
    },
  },
  {
    id: 'connections/find/scopes',
    title: 'a connection is found by its tenant and by an operator, and by nobody else',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      const { id } = stored
      const foreign = tenantScope(await context.newTenantId())
      assert.deepEqual(await connections.find({ scope: tenantScope(stored.tenantId), id }), stored)
      assert.deepEqual(await connections.find({ scope: operatorScope, id }), stored)
      assert.equal(await connections.find({ scope: foreign, id }), null)
      assert.equal(await connections.find({ scope: foreign, id, includeDeleted: true }), null)
      assert.equal(await connections.find({ scope: operatorScope, id: newId() }), null)
    },
  },
  {
    id: 'connections/list/scopes',
    title: 'a tenant lists its own connections only, an operator those of all tenants',
    async run(context) {
      const { connections } = context.repositories
      const provider = `provider-${newId()}`
      const mine = await givenConnection(context, { providerName: provider })
      const theirs = await givenConnection(context, { providerName: provider })
      const own = await connections.list({ scope: tenantScope(mine.tenantId), filter: {}, limit: 10 })
      assert.deepEqual(own, { items: [mine], next: null })
      const all = await connections.list({ scope: operatorScope, filter: { provider }, limit: 10 })
      assert.deepEqual(all, { items: [mine, theirs], next: null })
    },
  },
  {
    id: 'connections/list/filters',
    title: 'family, provider, isEnabled and isConnected narrow the list, also together',
    async run(context) {
      const tenantId = await context.newTenantId()
      const plain = await givenConnection(context, { tenantId })
      const shop = await givenConnection(context, { tenantId, providerFamily: 'shop', providerName: 'woocommerce' })
      const off = await givenConnection(context, { tenantId, isEnabled: false })
      const lost = await givenConnection(context, { tenantId, isConnected: false })
      const listed = async (filter: object) => {
        const page = await context.repositories.connections.list({ scope: tenantScope(tenantId), filter, limit: 10 })
        return page.items.map(({ id }) => id)
      }
      assert.deepEqual(await listed({ family: 'shop' }), [shop.id])
      assert.deepEqual(await listed({ provider: 'github' }), [plain.id, off.id, lost.id])
      assert.deepEqual(await listed({ isEnabled: false }), [off.id])
      assert.deepEqual(await listed({ isEnabled: true }), [plain.id, shop.id, lost.id])
      assert.deepEqual(await listed({ isConnected: false }), [lost.id])
      assert.deepEqual(await listed({ provider: 'github', isEnabled: true, isConnected: true }), [plain.id])
      assert.deepEqual(await listed({ family: 'shop', provider: 'github' }), [])
    },
  },
  {
    id: 'connections/list/external-account',
    title:
      'an account at a provider narrows the list, letter by letter, to connections of all tenants that are not deleted',
    async run(context) {
      const { connections } = context.repositories
      const account = `account-${newId()}`
      const given = (fields: object = {}) =>
        givenConnection(context, { providerName: 'github', externalAccountId: account, ...fields })
      const mine = await given()
      const theirs = await given({ isEnabled: false })
      await given({ providerName: 'gitlab' })
      for (const other of [null, account.toUpperCase(), `${account} `, `${account}0`]) {
        await given({ externalAccountId: other })
      }
      const erased = await given()
      await connections.delete(erased, { at: instant(1) })
      const filter = { provider: 'github', externalAccountId: account }
      const listed = async (limit: number, after: string | null = null) => {
        const { items, next } = await connections.list({ scope: operatorScope, filter, limit, after })
        return { ids: items.map(({ id }) => id), next }
      }
      assert.deepEqual(await listed(10), { ids: [mine.id, theirs.id], next: null })
      assert.deepEqual(await listed(1), { ids: [mine.id], next: mine.id })
      assert.deepEqual(await listed(1, mine.id), { ids: [theirs.id], next: null })
      const own = await connections.list({ scope: tenantScope(theirs.tenantId), filter, limit: 10 })
      assert.deepEqual(own.items, [theirs])
    },
  },
  {
    id: 'connections/list/stable-paging',
    title: 'pages follow the id in ascending order; a row added meanwhile neither repeats nor hides another',
    async run(context) {
      const tenantId = await context.newTenantId()
      const early = newConnection({ tenantId })
      const stored = []
      for (let made = 0; made < 5; made += 1) stored.push(await givenConnection(context, { tenantId }))
      const pages = await walkPages(
        (request) => context.repositories.connections.list({ scope: tenantScope(tenantId), filter: {}, ...request }),
        2,
        () => context.repositories.connections.create(early),
      )
      const ids = stored.map(({ id }) => id)
      assert.deepEqual(pages, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)])
    },
  },
  {
    id: 'connections/list/newest-first',
    title: 'newestFirst turns the order round, page by page',
    async run(context) {
      const tenantId = await context.newTenantId()
      const stored = []
      for (let made = 0; made < 3; made += 1) stored.push(await givenConnection(context, { tenantId }))
      const query = { scope: tenantScope(tenantId), filter: {}, newestFirst: true }
      const pages = await walkPages((request) => context.repositories.connections.list({ ...query, ...request }), 2)
      const [oldest, middle, newest] = stored.map(({ id }) => id)
      assert.deepEqual(pages, [[newest, middle], [oldest]])
    },
  },
  {
    id: 'connections/list/last-page',
    title: 'a page that ends with the last row has no next',
    async run(context) {
      const { tenantId } = await givenConnection(context)
      await givenConnection(context, { tenantId })
      const { connections } = context.repositories
      assert.equal((await connections.list({ scope: tenantScope(tenantId), filter: {}, limit: 2 })).next, null)
      const nobody = tenantScope(await context.newTenantId())
      assert.deepEqual(await connections.list({ scope: nobody, filter: {}, limit: 2 }), { items: [], next: null })
    },
  },
  {
    id: 'connections/update/patch',
    title: 'update writes what the patch names, leaves the rest, raises the version and answers the row as written',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { externalAccountId: 'old', settingsEncrypted: 'sealed' })
      const patch = { displayName: 'new', config: { a: [1] }, settingsEncrypted: null }
      const written = await connections.update(stored, { at: instant(5), expectedVersion: stored.version, patch })
      assert.deepEqual(written, { ...stored, ...patch, version: stored.version + 1, updatedAt: instant(5) })
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), written)
      const secrets = { webhookSecretsEncrypted: 'sealed', externalAccountId: 'account' }
      const again = await connections.update(stored, {
        at: instant(6),
        expectedVersion: stored.version + 1,
        patch: secrets,
      })
      assert.deepEqual(again, { ...written, ...secrets, version: stored.version + 2, updatedAt: instant(6) })
    },
  },
  {
    id: 'connections/update/compare-and-set',
    title: 'update answers null and writes nothing when the version has moved on',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { version: 4 })
      for (const expectedVersion of [3, 5]) {
        const change = { at: instant(5), expectedVersion, patch: { displayName: 'stale' } }
        assert.equal(await connections.update(stored, change), null)
      }
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'connections/update/one-winner',
    title: 'of 16 concurrent updates of one version exactly one is written',
    needs: ['parallel'],
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context)
      const outcomes = await race(16, (index) => {
        const patch = { displayName: `writer ${index}` }
        return connections.update(stored, { at: instant(5), expectedVersion: stored.version, patch })
      })
      const winners = outcomes.filter((outcome) => outcome !== null)
      assert.equal(winners.length, 1)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), winners[0])
    },
  },
  {
    id: 'connections/all/foreign-tenant',
    title: 'a verb that names the wrong tenant answers null and changes nothing',
    async run(context) {
      const { connections } = context.repositories
      const stored = await givenConnection(context, { isConnected: false, authFailureCount: 1 })
      const foreign = { tenantId: await context.newTenantId(), id: stored.id }
      const at = instant(5)
      const { version: expectedVersion, credentialsVersion } = stored
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
        credentialsEncrypted: 'foreign',
        tokenExpiresAt: null,
        tokenRefreshAt: null,
      }
      assert.equal(await connections.update(foreign, { at, expectedVersion, patch: { displayName: 'x' } }), null)
      assert.equal(await connections.replaceCredentials(foreign, replacement), null)
      assert.equal(await connections.recordAuthFailure(foreign, failure), null)
      assert.equal(await connections.markConnected(foreign, success), null)
      assert.equal(await connections.disable(foreign, { at, reason: 'x' }), null)
      assert.equal(await connections.enable(foreign, { at }), null)
      assert.equal(await connections.delete(foreign, { at }), null)
      assert.deepEqual(await connections.find({ scope: operatorScope, id: stored.id }), stored)
    },
  },
  {
    id: 'connections/create/exact-spelling',
    title: 'a connection is found under the very tenant id that it was created for, or is not created',
    async run(context) {
      const { connections } = context.repositories
      const canonical = await context.newTenantId()
      if (typeof canonical !== 'string') return
      const spelled: string = canonical.toUpperCase()
      const tenantId = spelled as typeof canonical // some kind of string too
      const connection = newConnection({ tenantId })
      const isCreated = await connections.create(connection).then(
        () => true,
        (error: unknown) => {
          assert.ok(isConnectorsError(error), 'a refusal must be an error of ours')
          return false
        },
      )
      const scope = tenantScope(tenantId)
      assert.deepEqual(await connections.find({ scope, id: connection.id }), isCreated ? connection : null)
      const found = await connections.find({ scope: operatorScope, id: connection.id })
      assert.deepEqual(found, isCreated ? connection : null)
    },
  },
  {
    id: 'connections/all/exact-tenant',
    title: 'tenant ids that look alike are different tenants, for reads and for writes',
    needs: ['exactTenants'],
    async run(context) {
      const { connections } = context.repositories
      const providerName = `provider-${newId()}`
      const stored = []
      for (const tenantId of context.exactTenants)
        stored.push(await givenConnection(context, { ...probed, tenantId, providerName }))
      for (const mine of stored) {
        const page = await connections.list({
          scope: tenantScope(mine.tenantId),
          filter: { provider: providerName },
          limit: 10,
        })
        assert.deepEqual(page.items, [mine])
        for (const theirs of stored.filter((other) => other !== mine)) {
          assert.equal(await connections.find({ scope: tenantScope(mine.tenantId), id: theirs.id }), null)
          const ref = { tenantId: mine.tenantId, id: theirs.id }
          const at = instant(5)
          const { version: expectedVersion, credentialsVersion } = theirs
          const failure = {
            at,
            reason: 'x',
            threshold: 1,
            credentialsVersion,
            disconnect: true,
            needsReauthorization: false,
          }
          const { pause, lease, success, replacement } = foreignChanges(theirs)
          assert.equal(await connections.disable(ref, { at, reason: 'x' }), null)
          assert.equal(await connections.update(ref, { at, expectedVersion, patch: { displayName: 'x' } }), null)
          assert.equal(await connections.replaceCredentials(ref, replacement), null)
          assert.equal(await connections.recordAuthFailure(ref, failure), null)
          assert.equal(await connections.markConnected(ref, success), null)
          assert.equal(await connections.enable(ref, { at }), null)
          assert.equal(await connections.pause(ref, { ...pause, at }), null)
          assert.equal(await connections.resume(ref, { at, answer: null }), null)
          assert.equal(await connections.acquireProbe(ref, lease), null)
          await connections.releaseProbe(ref, { owner: 'me', at })
          assert.equal(
            await connections.acquireRefreshLease(ref, { ...lease, expectedCredentialsVersion: credentialsVersion }),
            null,
          )
          await connections.releaseRefreshLease(ref, { owner: 'me', at })
          assert.equal(await connections.delete(ref, { at }), null)
        }
      }
      for (const row of stored) assert.deepEqual(await connections.find({ scope: operatorScope, id: row.id }), row)
    },
  },
  {
    id: 'connections/all/copies',
    title: 'changing a record that went in or came out changes nothing stored',
    async run(context) {
      const { connections } = context.repositories
      const config = { list: [1] }
      const lastAuthFailureAt = instant(3)
      const stored = await givenConnection(context, { config, lastAuthFailureAt })
      config.list.push(2)
      lastAuthFailureAt.setTime(0)
      const found = await connections.find({ scope: operatorScope, id: stored.id })
      found?.lastAuthFailureAt?.setTime(1)
      Object.assign(found?.config ?? {}, { list: 'gone' })
      const again = await connections.find({ scope: operatorScope, id: stored.id })
      assert.deepEqual(again?.config, { list: [1] })
      assert.deepEqual(again?.lastAuthFailureAt, instant(3))
    },
  },
]
