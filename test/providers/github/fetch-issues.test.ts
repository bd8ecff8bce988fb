import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/core/domain/json.ts'
import { fetchIssues, type IssueSource } from '../../../src/providers/github/fetch-issues.ts'
import { fetchPulls, type PullSource } from '../../../src/providers/github/fetch-pulls.ts'
import type { GitHubIssue } from '../../../src/providers/github/github-issue.ts'
import type { GitHubPull } from '../../../src/providers/github/github-pull.ts'

interface Row {
  readonly id: number
  readonly second: number
  readonly title: string
}

const start = Date.parse('2026-01-01T00:00:00Z')
const instant = (second: number) => new Date(start + second * 1000)

function toItem(row: Row): GitHubIssue & GitHubPull {
  return {
    id: row.id,
    number: row.id,
    title: row.title,
    body: null,
    state: 'open',
    author: null,
    labels: [],
    commentCount: 0,
    isPullRequest: false,
    isDraft: false,
    head: 'h',
    base: 'b',
    url: '',
    createdAt: instant(0),
    updatedAt: instant(row.second),
    closedAt: null,
    mergedAt: null,
    raw: { id: row.id, title: row.title, second: row.second },
  }
}

/** A repository that sorts, filters and pages as GitHub documents it, with numbered pages. */
function repository(rows: readonly Row[], pageSize: number, options: { readonly order?: 'newest first' } = {}) {
  let current = [...rows]
  let calls = 0
  const page = (sorted: readonly Row[], request: string | null | undefined, path: string) => {
    calls += 1
    const number = request == null ? 1 : Number(new URL(request, 'https://x.example').searchParams.get('page'))
    const end = number * pageSize
    return {
      items: sorted.slice(end - pageSize, end).map(toItem),
      next: end < sorted.length ? `${path}page=${number + 1}` : null,
    }
  }
  const source: IssueSource & PullSource = {
    listingId: async () => 'r',
    listIssues: async ({ since, page: request }) => {
      const asked = request == null ? since : new URL(request, 'https://x.example').searchParams.get('since')
      const from = asked == null || asked === '' ? Number.NEGATIVE_INFINITY : Date.parse(asked)
      if (options.order === 'newest first') {
        return page(
          [...current].sort((a, b) => b.second - a.second),
          request,
          '/issues?',
        )
      }
      const sorted = current
        .filter((row) => instant(row.second).getTime() >= from)
        .sort((a, b) => a.second - b.second || a.id - b.id)
      return page(sorted, request, `/issues?since=${asked ?? ''}&`)
    },
    listPulls: async ({ page: request }) =>
      page(
        [...current].sort((a, b) => b.second - a.second || b.id - a.id),
        request,
        '/pulls?',
      ),
  }
  return {
    source,
    rows: () => current,
    calls: () => calls,
    change: (row: Row) => {
      current = [...current.filter(({ id }) => id !== row.id), row]
    },
  }
}

type Fetch = typeof fetchIssues | typeof fetchPulls

async function run(
  fetch: Fetch,
  source: IssueSource & PullSource,
  cursor: Json,
  between: (page: number) => void = () => {},
) {
  const items: GitHubIssue['id'][] = []
  const seen = new Map<number, string>()
  for (let page = 1; page <= 500; page += 1) {
    // Saved between pages, as the core does.
    const saved: Json = JSON.parse(JSON.stringify(cursor)) as Json
    const answer = await fetch(source, { cursor: saved, signal: new AbortController().signal })
    for (const item of answer.items) {
      items.push(item.id)
      seen.set(item.id, item.title)
    }
    cursor = answer.cursor
    if (!answer.hasMore) return { items, seen, cursor, pages: page }
    between(page)
  }
  throw new Error('the run does not end')
}

const titles = (rows: readonly Row[]) => new Map(rows.map(({ id, title }) => [id, title]))

const rowsArbitrary = (most: number, seconds: number) =>
  fc
    .array(fc.nat(seconds), { minLength: 0, maxLength: most })
    .map((times) => times.map((second, index): Row => ({ id: index + 1, second, title: `t${index}` })))

describe.each([
  ['issues', fetchIssues],
  ['pull requests', fetchPulls],
] as const)('syncing %s', (_title, fetch) => {
  it('delivers everything, however many share one second at a page border, and a second run nothing', async () => {
    await fc.assert(
      fc.asyncProperty(rowsArbitrary(30, 4), fc.integer({ min: 1, max: 7 }), async (rows, pageSize) => {
        const { source } = repository(rows, pageSize)
        const first = await run(fetch, source, null)
        expect(first.seen).toEqual(titles(rows))
        const second = await run(fetch, source, first.cursor)
        expect(second.items).toEqual([])
        expect(second.cursor).toEqual(first.cursor)
      }),
      { numRuns: 300 },
    )
  })

  it('misses no change that happens while it pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        // Each second holds at most a page: what more would mean is said at fetchIssues.
        rowsArbitrary(24, 40).map((rows) => {
          const count = new Map<number, number>()
          return rows.filter(({ second }) => {
            count.set(second, (count.get(second) ?? 0) + 1)
            return (count.get(second) ?? 0) <= 3
          })
        }),
        fc.integer({ min: 3, max: 5 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat(23)), { maxLength: 8 }),
        async (rows, pageSize, changes) => {
          const { source, change, rows: current } = repository(rows, pageSize)
          let clock = 100
          const first = await run(fetch, source, null, (page) => {
            for (const [at, index] of changes) {
              const row = rows[index]
              clock += 1
              if (at === page && row !== undefined) change({ ...row, second: clock, title: `changed at ${clock}` })
            }
          })
          const second = await run(fetch, source, first.cursor)
          expect(new Map([...first.seen, ...second.seen])).toEqual(titles(current()))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('delivers a second change within the second that was looked at last', async () => {
    const { source, change } = repository([{ id: 1, second: 5, title: 'a' }], 3)
    const first = await run(fetch, source, null)
    change({ id: 1, second: 5, title: 'b' })
    change({ id: 2, second: 5, title: 'c' })
    const second = await run(fetch, source, first.cursor)
    expect(second.seen).toEqual(
      new Map([
        [1, 'b'],
        [2, 'c'],
      ]),
    )
    expect((await run(fetch, source, second.cursor)).items).toEqual([])
  })

  it('asks once when nothing changed', async () => {
    const rows = Array.from({ length: 50 }, (_, index): Row => ({ id: index + 1, second: index, title: 't' }))
    const { source, calls } = repository(rows, 10)
    const first = await run(fetch, source, null)
    const before = calls()
    await run(fetch, source, first.cursor)
    expect(calls() - before).toBe(1)
  })

  it('starts over when the cursor belongs to another repository or is none of ours', async () => {
    const rows = [{ id: 1, second: 1, title: 't' }]
    const { source } = repository(rows, 3)
    const { cursor } = await run(fetch, source, null)
    const moved = { ...source, listingId: async () => 'another' }
    expect((await run(fetch, moved, cursor)).seen).toEqual(titles(rows))
    for (const foreign of ['junk', 7, [], { page: 3 }]) {
      expect((await run(fetch, source, foreign)).seen).toEqual(titles(rows))
    }
  })
})

describe('syncing issues from a server that neither filters nor sorts as asked, but newest first', () => {
  it('follows its links and delivers everything, and a second run ends with nothing older than the bound', async () => {
    await fc.assert(
      fc.asyncProperty(rowsArbitrary(20, 6), fc.integer({ min: 1, max: 4 }), async (rows, pageSize) => {
        const { source } = repository(rows, pageSize, { order: 'newest first' })
        const first = await run(fetchIssues, source, null)
        expect(first.seen).toEqual(titles(rows))
        expect((await run(fetchIssues, source, first.cursor)).items).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

describe('issues that fill a page with one second', () => {
  it('do not hide what follows them when one of them changes in between', async () => {
    const rows = [1, 1, 1, 2, 3].map((second, index): Row => ({ id: index + 1, second, title: `t${index}` }))
    const { source, change, rows: current } = repository(rows, 3)
    const first = await run(fetchIssues, source, null, (page) => {
      if (page === 1) change({ id: 1, second: 9, title: 'changed' })
    })
    expect(first.seen).toEqual(titles(current()))
    expect(first.items).toHaveLength(6)
  })
})

describe('a page of issues', () => {
  it('leaves pull requests out, but goes on behind them', async () => {
    const { source } = repository(
      Array.from({ length: 6 }, (_, index) => ({ id: index + 1, second: index, title: 't' })),
      2,
    )
    const mixed: IssueSource = {
      ...source,
      listIssues: async (request) => {
        const page = await source.listIssues(request)
        return { ...page, items: page.items.map((item) => ({ ...item, isPullRequest: item.id <= 3 })) }
      },
    }
    const { seen, cursor } = await run(fetchIssues, { ...source, ...mixed }, null)
    expect([...seen.keys()]).toEqual([4, 5, 6])
    expect((await run(fetchIssues, { ...source, ...mixed }, cursor)).items).toEqual([])
  })

  it('that is empty ends the run, even if it names a next page', async () => {
    const source: IssueSource = {
      listingId: async () => 'r',
      listIssues: async () => ({ items: [], next: '/issues?page=2' }),
    }
    expect(await fetchIssues(source, { cursor: null, signal: new AbortController().signal })).toMatchObject({
      items: [],
      hasMore: false,
    })
  })
})
