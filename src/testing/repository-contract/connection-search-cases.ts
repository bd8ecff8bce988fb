import assert from 'node:assert/strict'
import { tenantScope } from '../../core/domain/tenant.ts'
import { givenConnection } from './given-connection.ts'
import type { RepositoryContractCase } from './repository-contract-case.ts'

/** Finding connections by what people know of them. */
export const connectionSearchCases: readonly RepositoryContractCase[] = [
  {
    id: 'connections/list/text',
    title: 'a text is found in names to the letter, and is also an id or an account; wildcards are themselves',
    async run(context) {
      const { connections } = context.repositories
      const tenantId = await context.newTenantId()
      const shop = await givenConnection(context, { tenantId, displayName: 'Shop of Acme, 10%' })
      const other = await givenConnection(context, {
        tenantId,
        displayName: 'shop of acme, 100',
        externalAccountId: 'acct_1',
      })
      const listed = async (text: string) =>
        (await connections.list({ scope: tenantScope(tenantId), filter: { text }, limit: 10 })).items.map(
          ({ id }) => id,
        )
      assert.deepEqual(await listed('Acme'), [shop.id])
      assert.deepEqual(await listed('10%'), [shop.id])
      assert.deepEqual(await listed('o_'), [])
      assert.deepEqual(await listed('hop of'), [shop.id, other.id])
      assert.deepEqual(await listed('acct_1'), [other.id])
      assert.deepEqual(await listed(other.id), [other.id])
      assert.deepEqual(await listed('acct'), [])
    },
  },
]
