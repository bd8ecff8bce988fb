import assert from 'node:assert/strict'
import { z } from 'zod'
import type { AnyProvider } from '../../core/domain/provider.ts'
import { paymentMethods } from '../../families/payment/payment-adapter.ts'
import { shopMethods } from '../../families/shop/shop-adapter.ts'
import { storageMethods } from '../../families/storage/storage-adapter.ts'
import type { ProviderContractCase } from './provider-contract-case.ts'
import { withStand } from './with-stand.ts'

const familyMethods: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['payment', paymentMethods],
  ['shop', shopMethods],
  ['storage', storageMethods],
])

/** What a provider says of itself. */
export const manifestCases: readonly ProviderContractCase[] = [
  {
    id: 'manifest/complete',
    title: 'it has a label, a version, a description and a page that explains its credentials',
    async run({ provider }) {
      const { label, version, description, docsUrl } = provider
      assert.ok(label.trim() !== '', 'label')
      assert.match(version ?? '', /^\d+\.\d+\.\d+/, 'version, e.g. 1.0.0')
      assert.ok((description ?? '').length >= 10, 'description, a sentence')
      assert.match(docsUrl ?? '', /^https:\/\//, 'docsUrl')
    },
  },
  {
    id: 'manifest/fields',
    title: 'every field of credentials and settings has a label for people',
    async run({ provider }) {
      const unlabelled = ['credentials', 'settings'].flatMap((part) =>
        fieldsOf(part === 'credentials' ? provider.credentials : provider.settings)
          .filter(({ label }) => typeof label !== 'string' || label.trim() === '')
          .map(({ name }) => `${part}.${name}`),
      )
      assert.deepEqual(unlabelled, [], 'fields without a label')
    },
  },
  {
    id: 'manifest/methods',
    title: 'its methods are known before there are credentials, and are those that a connection has',
    async run(context) {
      const { methods } = context.provider
      assert.ok(
        methods !== null,
        'the adapter reads credentials or settings while it is made: read them in its methods',
      )
      await withStand(context, async ({ tenant, connectionId, provider }) => {
        const adapter = await tenant.connections.adapter(connectionId, provider)
        assert.deepEqual(Object.keys(adapter).sort(), [...methods].sort())
      })
    },
  },
  {
    id: 'manifest/family',
    title: 'it has every method that the contract of its family names',
    async run({ provider: { family, methods } }) {
      const missing = (familyMethods.get(family) ?? []).filter((method) => methods?.includes(method) !== true)
      assert.deepEqual(missing, [], `methods that a provider of the family ${family} lacks`)
    },
  },
  {
    id: 'manifest/catalog',
    title:
      'the catalog shows it: as plain JSON, with a field for each of its credentials and settings, without a secret',
    run: (context) =>
      withStand(context, async ({ catalog, provider, world }) => {
        const shown = catalog().families.flatMap(({ providers }) => providers)
        assert.deepEqual(JSON.parse(JSON.stringify(shown)), shown)
        const [entry] = shown
        assert.deepEqual([entry?.family, entry?.name], [provider.family, provider.name])
        for (const part of ['credentials', 'settings'] as const) {
          const names = entry?.[part].fields.map(({ name }) => name)
          const needed = Object.keys(Object(world[part])).filter((name) => names?.includes(name) !== true)
          assert.deepEqual(needed, [], `${part} that the form does not ask for`)
        }
        const told = entry?.webhooks?.eventTypes
        const untold = context.fixtures.webhooks?.deliveries.filter(({ type }) => told?.includes(type) === false)
        assert.deepEqual(untold ?? [], [], 'deliveries of a type that is not among `webhooks.eventTypes`')
        for (const secret of world.secrets) assert.ok(!JSON.stringify(shown).includes(secret), 'a secret is shown')
      }),
  },
  {
    id: 'manifest/choices',
    title: 'what the service tells as choices for a field are different values, with labels, that the field takes',
    needs: ['choices'],
    run: (context) =>
      withStand(context, async ({ tenant, connectionId, provider, world }) => {
        for (const field of provider.choiceFields) {
          const choices = await tenant.connections.choices(connectionId, field)
          assert.ok(choices.length > 0, `${field}: have the service tell some`)
          assert.equal(new Set(choices.map(({ value }) => value)).size, choices.length, `${field}: a value comes twice`)
          for (const part of ['credentials', 'settings'] as const) {
            if (!fieldsOf(provider[part]).some(({ name }) => name === field)) continue
            for (const { value, label } of choices) {
              assert.ok(label.trim() !== '', `${field}: ${value} has no label`)
              const parsed = provider[part].safeParse({ ...Object(world[part]), [field]: value })
              assert.ok(parsed.success, `${field}: ${value} is no value that it takes`)
            }
          }
        }
      }),
  },
]

interface Field {
  readonly name: string
  readonly label: unknown
}

interface FieldNode {
  readonly properties?: Readonly<Record<string, { readonly label?: unknown }>>
  readonly anyOf?: readonly FieldNode[]
  readonly allOf?: readonly FieldNode[]
}

function fieldsOf(schema: AnyProvider['credentials']): readonly Field[] {
  const collect = ({ properties = {}, anyOf = [], allOf = [] }: FieldNode): readonly Field[] => [
    ...Object.entries(properties).map(([name, { label }]) => ({ name, label })),
    ...[...anyOf, ...allOf].flatMap(collect),
  ]
  // The metadata of a field stands in its JSON Schema, whose type knows the keywords of the standard only.
  return collect(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as FieldNode)
}
