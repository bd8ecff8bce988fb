import { expect, test } from 'vitest'
import { createShopWorld } from '../support/shop-world.ts'
import { applicationWith } from './application-with.ts'

test('providers lists what there is to connect to, and --json is the catalog', async () => {
  const { connectors } = await createShopWorld()
  const folder = await applicationWith(() => ({ ...connectors, close: async () => {} }))
  const { code, stdout, stderr } = await folder.run('providers --app app.mjs')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe(
    'family  name      version  resources  webhooks  oauth\n' + 'shop    testshop  -        orders     hmac      -\n',
  )
  expect(JSON.parse((await folder.run('providers --app app.mjs --json')).stdout)).toEqual(
    connectors.providers.catalog(),
  )
})
