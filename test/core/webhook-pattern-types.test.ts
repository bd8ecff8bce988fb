import { expectTypeOf, test } from 'vitest'
import type { WebhookPattern } from '../../src/core/domain/handlers.ts'
import type { Provider, WebhookSupport } from '../../src/core/domain/provider.ts'
import type { github } from '../../src/providers/github/github.ts'
import type { shop } from '../support/shop-provider.ts'
import { createShopWorld } from '../support/shop-world.ts'

type With<Type extends string> = Omit<Provider, 'webhooks'> & {
  readonly webhooks: WebhookSupport<{ readonly type: Type }>
}

test('groups come from the types that a provider knows', () => {
  expectTypeOf<WebhookPattern<typeof shop>>().toEqualTypeOf<'order.created' | 'order.paid' | 'order.*' | '*'>()
  expectTypeOf<WebhookPattern<With<'push' | 'a.b.c' | 'a.d'>>>().toEqualTypeOf<
    'push' | 'a.b.c' | 'a.d' | 'a.*' | 'a.b.*' | '*'
  >()
})

test('any group goes where types are plain text or end in plain text', () => {
  expectTypeOf<WebhookPattern<With<string>>>().toEqualTypeOf<string>()
  expectTypeOf<WebhookPattern<With<string> | With<'a.b'>>>().toEqualTypeOf<string>()
  expectTypeOf<'custom.*' | 'custom.a' | 'custom.a.*'>().toExtend<WebhookPattern<With<`custom.${string}`>>>()
  expectTypeOf<'costum.*'>().not.toExtend<WebhookPattern<With<`custom.${string}`>>>()
})

test("a misspelled event or group of GitHub's does not compile", async () => {
  const { connectors } = await createShopWorld()
  type Pattern = WebhookPattern<typeof github>
  expectTypeOf<
    'issues.opened' | 'issues.*' | 'push' | 'pull_request.synchronize' | 'repository_dispatch.deploy' | '*'
  >().toExtend<Pattern>()
  // @ts-expect-error two letters are the other way round
  const misspelledEvent: Pattern = 'issues.opend'
  // @ts-expect-error one letter too many
  const misspelledGroup: Pattern = 'issuess.*'
  // @ts-expect-error nothing is grouped below it
  const emptyGroup: Pattern = 'push.*'
  expectTypeOf([misspelledEvent, misspelledGroup, emptyGroup]).toBeArray()
  // @ts-expect-error the shop has no such group
  connectors.webhooks.handle('orders.*', async () => {})
})
