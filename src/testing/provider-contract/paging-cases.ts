import assert from 'node:assert/strict'
import type { ProviderContractCase, ProviderContractContext } from './provider-contract-case.ts'
import { type Stand, withStand } from './with-stand.ts'

/** What every resource delivers, and when it ends. */
export const pagingCases: readonly ProviderContractCase[] = [
  {
    id: 'paging/ends',
    title: 'a run over a resource ends by itself',
    needs: ['resources'],
    run: (context) =>
      forEachResource(context, async ({ run }, { name, maxPages }) => {
        const result = await run(name, maxPages)
        assert.equal(result.status, 'completed', `${name}: ${'error' in result ? result.error.message : result.status}`)
      }),
  },
  {
    id: 'paging/complete',
    title: 'a run delivers every item once, those at the border of two pages too',
    needs: ['resources'],
    run: (context) =>
      forEachResource(context, async (stand, { name, maxPages, expected }) => {
        const { pageCount } = await stand.run(name, maxPages)
        assert.deepEqual(idsOf(context, stand, name), expected, name)
        assert.ok(pageCount > 1, `${name}: one page has no borders; have the service answer more than one`)
      }),
  },
  {
    id: 'paging/cursor',
    title: 'the cursor alone says where to go on: each page may be fetched by another process',
    needs: ['resources'],
    run: (context) =>
      forEachResource(context, async (stand, { name, maxPages, expected }) => {
        for (let page = 1; page <= maxPages; page += 1) {
          const { status } = await stand.page(name)
          if (status !== 'partial') break
          await stand.restart()
        }
        assert.deepEqual(idsOf(context, stand, name), expected, name)
      }),
  },
  {
    id: 'paging/increment',
    title: 'a resource that is declared incremental does not start over in the next run',
    needs: ['resources'],
    run: (context) =>
      forEachResource(context, async (stand, { name, maxPages, expected }) => {
        await stand.run(name, maxPages)
        if (!isIncremental(context, name)) return
        const before = stand.delivered(name).length
        const again = await stand.run(name, maxPages)
        assert.equal(again.status, 'completed', name)
        const count = stand.delivered(name).length - before
        assert.ok(count < expected.length, `${name}: ${count} items came again, though nothing has changed`)
      }),
  },
  {
    id: 'paging/circles',
    title: 'a service that answers the same page over and over does not keep a run going for ever',
    needs: ['resources'],
    run: (context) =>
      forEachResource(context, async ({ world, run }, { name, maxPages }) => {
        world.service.goRoundInCircles()
        const result = await run(name, maxPages)
        assert.notEqual(result.status, 'partial', `${name}: still going after ${result.pageCount} pages`)
      }),
  },
]

interface ContractResource {
  readonly name: string
  /** Sorted texts. */
  readonly expected: readonly string[]
  /** More pages than there can be. */
  readonly maxPages: number
}

async function forEachResource(
  context: ProviderContractContext,
  check: (stand: Stand, resource: ContractResource) => Promise<void>,
): Promise<void> {
  for (const name of Object.keys(context.provider.resources)) {
    await withStand(context, async (stand) => {
      const items: Readonly<Record<string, readonly (string | number)[]>> = stand.world.items
      const ids = items[name]
      assert.ok(ids !== undefined && ids.length > 1, `the world of the fixtures needs \`items.${name}\``)
      await check(stand, { name, expected: ids.map(String).sort(), maxPages: ids.length + 10 })
    })
  }
}

function isIncremental({ provider }: ProviderContractContext, name: string): boolean {
  const resources: Readonly<Record<string, { readonly incremental: boolean } | undefined>> = { ...provider.resources }
  return resources[name]?.incremental === true
}

function idsOf({ fixtures }: ProviderContractContext, stand: Stand, name: string): readonly string[] {
  const idOf = fixtures.idOf ?? defaultId
  return stand
    .delivered(name)
    .map((item) => String(idOf(item)))
    .sort()
}

function defaultId(item: unknown): string | number {
  const { id, externalId = id } = Object(item) as { readonly id?: unknown; readonly externalId?: unknown }
  assert.ok(
    typeof externalId === 'string' || typeof externalId === 'number',
    'an item has an `id` or `externalId`, or the fixtures have `idOf`',
  )
  return externalId
}
