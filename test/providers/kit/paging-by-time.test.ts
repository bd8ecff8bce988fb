import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FetchRequest } from '../../../src/core/domain/provider.ts'
import { pageBySince, pageNewestFirst } from '../../../src/providers/kit/index.ts'
import { drainPages } from '../../support/drain-pages.ts'

const circle = { code: 'PROVIDER_FAILED', message: expect.stringMatching(/circles|twice|itself/) }

describe('pages by time', () => {
  interface Row {
    readonly id: string
    readonly changedAt: Date
    readonly title: string
  }
  const dating = { timeOf: ({ changedAt }: Row) => changedAt, idOf: ({ id }: Row) => id }
  const base = Date.parse('2026-01-01T00:00:00Z')
  const rowsArbitrary = fc
    .array(fc.nat(4), { maxLength: 25 })
    .map((ticks) => ticks.map((tick, index): Row => ({ id: `r${index}`, changedAt: new Date(base + tick), title: '' })))

  const pageOf = (rows: readonly Row[], page: string | null, size: number) => {
    const at = Number(page ?? 0)
    return { items: rows.slice(at, at + size), next: at + size < rows.length ? String(at + size) : null }
  }
  const oldestFirst =
    (rows: () => readonly Row[], size: number, now?: Date, lookBackMs?: number) => (request: FetchRequest) =>
      pageBySince(request, {
        ...dating,
        ...(now && { now }),
        ...(lookBackMs !== undefined && { lookBackMs }),
        fetch: async ({ since, page }) =>
          pageOf(
            rows()
              .filter(({ changedAt }) => since === null || changedAt >= since)
              .toSorted((a, b) => a.changedAt.getTime() - b.changedAt.getTime()),
            page,
            size,
          ),
      })
  const newestFirst = (rows: () => readonly Row[], size: number, now?: Date) => (request: FetchRequest) =>
    pageNewestFirst(request, {
      ...dating,
      ...(now && { now }),
      fetch: async ({ page }) =>
        pageOf(
          rows().toSorted((a, b) => b.changedAt.getTime() - a.changedAt.getTime()),
          page,
          size,
        ),
    })

  it.each([
    ['oldest first', oldestFirst],
    ['newest first', newestFirst],
  ])('deliver everything once, then what changed, however many share an instant: %s', async (_order, list) => {
    await fc.assert(
      fc.asyncProperty(rowsArbitrary, fc.integer({ min: 1, max: 6 }), async (rows, size) => {
        let current: readonly Row[] = rows
        const fetch = list(() => current, size)
        const first = await drainPages(fetch)
        expect(first.items.map(({ id }) => id).sort()).toEqual(rows.map(({ id }) => id).sort())
        expect((await drainPages(fetch, first.cursor)).items).toEqual([])
        // Changed within the newest instant: only the digest tells.
        const newest = new Date(Math.max(base, ...rows.map(({ changedAt }) => changedAt.getTime())))
        const changed: Row = { id: 'r0', changedAt: newest, title: 'new' }
        current = [...rows.filter(({ id }) => id !== 'r0'), changed]
        expect((await drainPages(fetch, first.cursor)).items).toEqual([changed])
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['oldest first', oldestFirst],
    ['newest first', newestFirst],
  ])('miss nothing because of items that are dated ahead: %s', async (_order, list) => {
    const row = (id: string, tick: number): Row => ({ id, changedAt: new Date(base + tick), title: '' })
    const ahead = [row('ahead1', 90), row('ahead2', 90), row('ahead3', 95)]
    let rows = [row('r1', 1), row('r2', 2), ...ahead]
    const fetch = list(() => rows, 2, new Date(base + 10))
    const first = await drainPages(fetch)
    expect(new Set(first.items)).toEqual(new Set(rows))
    rows = [...rows, row('r3', 3)]
    expect(new Set((await drainPages(fetch, first.cursor)).items)).toEqual(new Set([row('r3', 3), ...ahead]))
  })

  it('look back as far as they are told, for what shows up late with an earlier instant', async () => {
    const row = (id: string, tick: number): Row => ({ id, changedAt: new Date(base + tick), title: '' })
    for (const size of [1, 2, 3, 10]) {
      let rows = [row('r1', 1), row('r5', 5), row('r10', 10), row('r10b', 10)]
      const idsFrom = async (lookBackMs: number) => {
        const fetch = oldestFirst(() => rows, size, undefined, lookBackMs)
        rows = rows.filter(({ id }) => !id.startsWith('late'))
        const { cursor } = await drainPages(fetch)
        rows = [...rows, row('late8', 8), row('late2', 2)]
        const second = await drainPages(fetch, cursor)
        const third = await drainPages(fetch, second.cursor)
        return [second, third].map(({ items }) => [...new Set(items.map(({ id }) => id))].sort())
      }
      expect(await idsFrom(0)).toEqual([[], []])
      // What lies in the window comes with every run.
      expect(await idsFrom(5)).toEqual([
        ['late8', 'r5'],
        ['late8', 'r5'],
      ])
    }
  })

  it.each([
    [
      'oldest first',
      (fetch: () => Promise<{ items: Row[]; next: string }>) => (request: FetchRequest) =>
        pageBySince(request, { ...dating, fetch }),
    ],
    [
      'newest first',
      (fetch: () => Promise<{ items: Row[]; next: string }>) => (request: FetchRequest) =>
        pageNewestFirst(request, { ...dating, fetch }),
    ],
  ])('are refused when the names of pages go round in circles: %s', async (_order, list) => {
    let count = 0
    const circular = list(async () => {
      count += 1
      return { items: [{ id: 'x', changedAt: new Date(base), title: '' }], next: `p${count % 3}` }
    })
    await expect(drainPages(circular)).rejects.toMatchObject(circle)
  })

  it('start over when the cursor belongs to another listing or is none of ours', async () => {
    const rows: Row[] = [{ id: 'a', changedAt: new Date(base), title: '' }]
    const list = (listing: string) => (request: FetchRequest) =>
      pageBySince(request, { ...dating, listing, fetch: async () => ({ items: rows, next: null }) })
    const { cursor } = await drainPages(list('one'))
    expect((await drainPages(list('one'), cursor)).items).toEqual([])
    expect((await drainPages(list('two'), cursor)).items).toEqual(rows)
    expect((await drainPages(list('one'), 'something else')).items).toEqual(rows)
  })
})
