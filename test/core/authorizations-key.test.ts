import { expect, test } from 'vitest'
import { notebookApp } from '../support/notebook-server.ts'
import { createNotebookWorld } from '../support/notebook-world.ts'
import { testKey } from '../support/shop-world.ts'

const minute = 60_000

test('a key that seals an authorization under way is in use until that has ended', async () => {
  const old = { id: 'old', key: testKey(1) }
  const oauth = { baseUrl: 'https://app.test/oauth', apps: { notebook: notebookApp } }
  const before = await createNotebookWorld({ options: { oauth, encryption: { keys: [old] } } })
  const { clock, repositories, provider } = before
  await before.connectors.forTenant('acme').oauth.authorize({ provider, actor: 'ann', settings: { region: 'eu' } })
  const after = await createNotebookWorld({
    repositories,
    options: { oauth, clock, encryption: { keys: [{ id: 'new', key: testKey(2) }, old] } },
  })
  const { credentials } = after.connectors.operator
  const { keys } = await credentials.keyUsage()
  expect(keys).toMatchObject([
    { id: 'new', valueCount: 0 },
    { id: 'old', valueCount: 1, authorizationsCount: 1 },
  ])
  await credentials.reencrypt()
  await expect(credentials.assertUnused('old')).rejects.toMatchObject({
    code: 'KEY_IN_USE',
    message: expect.stringMatching(/One value is.*in ten minutes/),
  })
  await clock.advance(10 * minute)
  await expect(credentials.assertUnused('old')).resolves.toBeUndefined()
})
