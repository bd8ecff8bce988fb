import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SignatureScheme } from 'bapp-connectors'
import { signatures } from 'bapp-connectors/providers'
import type { stripe } from 'bapp-connectors/providers/stripe'
import {
  type ContractSelection,
  type ProviderFixtures,
  type ProviderWorld,
  registerProviderContract,
} from 'bapp-connectors/testing'
import { expect, expectTypeOf, test } from 'vitest'
import { helpdesk } from '../../examples/custom-provider.ts'
import { helpdeskFixtures } from '../../examples/custom-provider-fixtures.ts'
import type { AnyProvider } from '../../src/core/domain/provider.ts'

/** Registers the contract with a runner that only takes notes. */
function register(
  changes: Partial<AnyProvider>,
  fixtures: Partial<ProviderFixtures<typeof helpdesk>> = {},
  selection: ContractSelection = {},
) {
  const run = new Map<string, () => Promise<void>>()
  const skipped: string[] = []
  registerProviderContract(
    {
      describe: (_title, body) => body(),
      test: Object.assign((title: string, body: () => Promise<void>) => run.set(title.split(':')[0] ?? '', body), {
        skip: (title: string) => skipped.push(title),
      }),
    },
    { ...helpdesk, ...changes } as AnyProvider,
    // The fixtures of the good provider, whatever has become of it.
    { ...helpdeskFixtures, ...fixtures } as unknown as ProviderFixtures<AnyProvider>,
    selection,
  )
  return { run, skipped }
}

const signedBy = (signature: SignatureScheme) => ({ webhooks: { ...helpdesk.webhooks, signature } as never })

test('what a provider does not have is skipped and says so; what it has needs fixtures', async () => {
  const { run, skipped } = register({ resources: {}, webhooks: null }, { call: undefined } as never, {
    skip: [{ case: 'manifest/complete', reason: 'it is for us alone' }],
  })
  expect(skipped).toContainEqual(expect.stringMatching(/^paging\/ends.*\(skipped: it has no resources\)$/))
  expect(skipped).toContainEqual(expect.stringMatching(/^webhooks\/stale.*\(skipped: it has no webhooks\)$/))
  expect(skipped).toContainEqual(expect.stringMatching(/^manifest\/complete.*\(skipped: it is for us alone\)$/))
  await expect(run.get('answers/forbidden')?.()).rejects.toThrow('need `call`')
  const lacking = register({}, { webhooks: undefined } as never)
  await expect(lacking.run.get('webhooks/accepted')?.()).rejects.toThrow('need `webhooks`')
})

test('repetitions are not looked for where deliveries are alike and each counts', () => {
  const { run, skipped } = register({ webhooks: { ...helpdesk.webhooks, deliveryId: { each: true } } as never })
  expect(run.has('webhooks/duplicate')).toBe(false)
  expect(skipped).toContainEqual(expect.stringMatching(/^webhooks\/duplicate.*each is one of its own/))
})

test.each<[string, SignatureScheme, RegExp | null]>([
  ['Stripe', signatures.stripe, null],
  ['Standard Webhooks', signatures.standardWebhooks, null],
  ['GitHub', signatures.github, /covers no timestamp/],
  ['a token', signatures.gitlab, /covers no timestamp/],
  ['code', { kind: 'custom', verify: () => true }, /its scheme is code/],
  ['a timestamp in the body', { ...signatures.github, timestamp: { from: { body: 'sentAt' } } }, /stands in the body/],
])('old deliveries are tried where the signature tells their age: %s', (_scheme, signature, why) => {
  const { run, skipped } = register(signedBy(signature))
  expect(run.has('webhooks/stale')).toBe(why === null)
  if (why !== null) expect(skipped.find((title) => title.startsWith('webhooks/stale'))).toMatch(why)
})

test('a provider that is declared unsigned has nothing to reject, and says so', () => {
  const { skipped } = register(signedBy({ kind: 'unsigned' }))
  expect(skipped).toContainEqual(expect.stringMatching(/^webhooks\/rejected.*declared unsigned/))
})

test('a scheme that is code is tried with what the fixtures sign', async () => {
  const digest = (rawBody: Uint8Array, secret: string) => createHmac('sha512', secret).update(rawBody).digest('hex')
  const { run } = register(
    signedBy({
      kind: 'custom',
      verify: ({ rawBody, headers, secrets }) =>
        secrets.some((secret) => {
          const expected = Buffer.from(digest(rawBody, secret))
          const given = Buffer.from(headers['x-sign'] ?? '')
          return given.length === expected.length && timingSafeEqual(given, expected)
        }),
    }),
    {
      webhooks: {
        // The fixtures of the example have webhooks.
        ...(helpdeskFixtures.webhooks as NonNullable<typeof helpdeskFixtures.webhooks>),
        sign: async ({ rawBody, secret }) => ({ 'x-sign': digest(rawBody, secret) }),
      },
    },
  )
  for (const id of ['accepted', 'rejected', 'duplicate', 'malformed']) await run.get(`webhooks/${id}`)?.()
})

test('a skip that names no case, or gives no reason, is a mistake', () => {
  const skipping = (id: string, reason: string) => () => register({}, {}, { skip: [{ case: id, reason }] })
  expect(skipping('paging/typo', 'x')).toThrow('paging/typo')
  expect(skipping('paging/ends', ' ')).toThrow('needs a reason')
})

test('the fixtures are typed by the provider: each of its resources has items', () => {
  expectTypeOf<ProviderWorld<typeof stripe>['items']>().toHaveProperty('refunds')
  expectTypeOf<{ readonly payments: readonly string[] }>().not.toExtend<ProviderWorld<typeof stripe>['items']>()
  expectTypeOf<ProviderWorld<typeof stripe>['credentials']>().toEqualTypeOf<{ secretKey: string }>()
})
