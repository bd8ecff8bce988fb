import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { ProviderRejectedError } from '../../../src/core/domain/errors.ts'
import type { FetchRequest } from '../../../src/core/domain/provider.ts'
import { createHttpClient } from '../../../src/providers/kit/http-client.ts'
import {
  everyItem,
  none,
  pageByKey,
  pageByLink,
  pageByNumber,
  pageByOffset,
  pageByRelay,
  pageByToken,
} from '../../../src/providers/kit/index.ts'
import { startFakeProvider } from '../../../src/testing/fake-provider.ts'
import { drainPages } from '../../support/drain-pages.ts'
import { createProviderContext } from '../../support/provider-context.ts'

const { signal } = new AbortController()

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const circle = { code: 'PROVIDER_FAILED', message: expect.stringMatching(/circles|twice|itself/) }
const refused = (status: number) => Promise.reject(new ProviderRejectedError('no such page', { status }))

describe('pages by number', () => {
  it('come to an end on an empty page, although the provider caps their size', async () => {
    const all = numbers(7)
    const asked: number[] = []
    const { items, cursor } = await drainPages((request) =>
      pageByNumber(request, {
        fetch: async ({ page }) => {
          asked.push(page)
          return all.slice((page - 1) * 3, page * 3)
        },
      }),
    )
    expect({ items, cursor, asked }).toEqual({ items: all, cursor: null, asked: [1, 2, 3, 4] })
  })

  it('end where the provider says so, without another request', async () => {
    const { items, pageCount } = await drainPages((request) =>
      pageByNumber(request, { first: 0, fetch: async ({ page }) => ({ items: [page], hasMore: page < 2 }) }),
    )
    expect({ items, pageCount }).toEqual({ items: [0, 1, 2], pageCount: 3 })
  })

  it('end on an empty page that claims to have a next one', async () => {
    const { items } = await drainPages((request) =>
      pageByNumber(request, { fetch: async ({ page }) => ({ items: page > 2 ? [] : [page], hasMore: true }) }),
    )
    expect(items).toEqual([1, 2])
  })

  it('end on a status that means so, but not on the first page and not on another status', async () => {
    const list = (endStatuses: readonly number[], last: number) => (request: FetchRequest) =>
      pageByNumber(request, { endStatuses, fetch: async ({ page }) => (page > last ? refused(400) : [page]) })
    expect((await drainPages(list([400], 2))).items).toEqual([1, 2])
    await expect(drainPages(list([404], 2))).rejects.toMatchObject({ code: 'PROVIDER_REJECTED' })
    await expect(drainPages(list([400], 0))).rejects.toMatchObject({ code: 'PROVIDER_REJECTED' })
  })

  it('are refused when the provider does not look at the number', async () => {
    await expect(drainPages((request) => pageByNumber(request, { fetch: async () => [1n, 2n] }))).rejects.toMatchObject(
      circle,
    )
  })
})

describe('pages by offset', () => {
  it('go on behind what came, not behind what was asked for', async () => {
    const all = numbers(11)
    const { items, cursor } = await drainPages((request) =>
      pageByOffset(request, { fetch: async ({ offset }) => all.slice(offset, offset + (offset % 2 === 0 ? 3 : 2)) }),
    )
    expect({ items, cursor }).toEqual({ items: all, cursor: null })
  })

  it('end on a status that means so, and are refused when they repeat', async () => {
    const { items } = await drainPages((request) =>
      pageByOffset(request, {
        endStatuses: [416],
        fetch: async ({ offset }) => (offset > 3 ? refused(416) : [offset, 0]),
      }),
    )
    expect(items).toEqual([0, 0, 2, 0])
    await expect(drainPages((request) => pageByOffset(request, { fetch: async () => ['same'] }))).rejects.toMatchObject(
      circle,
    )
  })
})

describe('pages by token', () => {
  it.each([null, undefined, ''])('end where no next one is named: %s', async (none) => {
    const { items, cursor } = await drainPages((request) =>
      pageByToken(request, {
        fetch: async ({ token }) => ({ items: [token], next: token === 'b' ? none : token === null ? 'a' : 'b' }),
      }),
    )
    expect({ items, cursor }).toEqual({ items: [null, 'a', 'b'], cursor: null })
  })

  it('may be empty in the middle, or end there, as told', async () => {
    const list = (emptyIsEnd: boolean) => (request: FetchRequest) =>
      pageByToken(request, {
        emptyIsEnd,
        fetch: async ({ token }) => (token === null ? { items: [], next: 'a' } : { items: [token], next: null }),
      })
    expect((await drainPages(list(false))).items).toEqual(['a'])
    expect((await drainPages(list(true))).items).toEqual([])
  })

  it('are given up after a hundred empty ones in a row', async () => {
    let count = 0
    const endless = (request: FetchRequest) =>
      pageByToken(request, { fetch: async () => ({ items: [], next: `t${count++}` }) })
    await expect(drainPages(endless)).rejects.toMatchObject({ code: 'PROVIDER_FAILED' })
    expect(count).toBe(101)
  })

  it('start the next run from the token for changes, also if it stays the same', async () => {
    const list = (request: FetchRequest) =>
      pageByToken(request, { fetch: async ({ token }) => ({ items: token === null ? [1] : [], resume: 'delta' }) })
    let { cursor } = await drainPages(list)
    for (let run = 0; run < 3; run += 1) {
      const again = await drainPages(list, cursor)
      expect(again.items).toEqual([])
      cursor = again.cursor
    }
  })

  it('are refused as soon as they go round in circles, of any length, entered at any point', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(20), fc.integer({ min: 1, max: 20 }), async (lead, length) => {
        let fetched = 0
        const circular = (request: FetchRequest) =>
          pageByToken(request, {
            fetch: async ({ token }) => {
              fetched += 1
              const at = token === null ? 0 : Number(token)
              return { items: [at], next: String(at + 1 === lead + length ? lead : at + 1) }
            },
          })
        await expect(drainPages(circular)).rejects.toMatchObject(circle)
        expect(fetched).toBeLessThanOrEqual(3 * (lead + length) + 3)
      }),
    )
  })

  it('are never taken for a circle when they are not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 }), async (tokens) => {
        const { items } = await drainPages((request) =>
          pageByToken(request, {
            fetch: async ({ token }) => ({
              items: [token],
              next: tokens[token === null ? 0 : tokens.indexOf(token) + 1] ?? null,
            }),
          }),
        )
        expect(items).toEqual([null, ...tokens])
      }),
    )
  })
})

describe('pages by key', () => {
  const list = (all: number[], resumes: boolean) => (request: FetchRequest) =>
    pageByKey(request, {
      resumes,
      keyOf: (item: number) => item,
      fetch: async ({ after }) => all.filter((item) => item > (after ?? 0)).slice(0, 2),
    })

  it('go on behind the last item, and the next run from there or from the beginning', async () => {
    const all = numbers(5)
    const whole = await drainPages(list(all, false))
    expect(whole).toMatchObject({ items: all, cursor: null })
    const first = await drainPages(list(all, true))
    expect((await drainPages(list([...all, 6, 7], true), first.cursor)).items).toEqual([6, 7])
    const empty = await drainPages(list([], true))
    expect(empty.cursor).not.toBeNull()
    expect((await drainPages(list([1], true), empty.cursor)).items).toEqual([1])
  })

  it('end where the provider says so', async () => {
    const { pageCount } = await drainPages((request) =>
      pageByKey(request, { keyOf: String, fetch: async () => ({ items: [1], hasMore: false }) }),
    )
    expect(pageCount).toBe(1)
  })

  it('are refused when the provider does not look at the key', async () => {
    const deaf = (request: FetchRequest) =>
      pageByKey(request, { keyOf: (item: number) => item, fetch: async () => [1, 2] })
    await expect(drainPages(deaf)).rejects.toMatchObject(circle)
  })
})

describe('pages by link', () => {
  const serve = async (answer: (url: URL) => { items: number[]; link?: string }) => {
    const server = await startFakeProvider((request, response) => {
      const { items, link } = answer(new URL(request.url, 'http://x'))
      if (link !== undefined) response.setHeader('link', `<${link}>; rel="next"`)
      response.end(JSON.stringify(items))
    })
    onTestFinished(server.close)
    const http = createHttpClient({
      context: createProviderContext().context,
      baseUrl: `${server.origin}/api`,
      auth: none(),
    })
    const list = (request: FetchRequest) =>
      pageByLink(request, {
        http,
        path: '/things',
        query: { per_page: 2 },
        read: (answer) => answer.read(z.array(z.int())),
      })
    return { list, server }
  }

  it('follow relative links and links to another path, up to an empty page that still names another', async () => {
    const { list, server } = await serve((url) => {
      if (url.pathname === '/api/things' && url.searchParams.get('page') === null)
        return { items: [1, 2], link: '?page=2' }
      if (url.pathname === '/api/things') return { items: [3], link: '/elsewhere/7?page=3' }
      return { items: [], link: '/elsewhere/7?page=3' }
    })
    const { items, cursor } = await drainPages(list)
    expect({ items, cursor }).toEqual({ items: [1, 2, 3], cursor: null })
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/api/things?per_page=2',
      '/api/things?page=2',
      '/elsewhere/7?page=3',
    ])
  })

  it('have cursors without scheme and host', async () => {
    const { list, server } = await serve(() => ({ items: [1], link: '/api/things?page=2' }))
    const { cursor } = await list({ cursor: null, signal })
    expect(JSON.stringify(cursor)).toContain('"/api/things?page=2"')
    expect(JSON.stringify(cursor)).not.toContain(server.origin)
  })

  it('are refused when they lead to another origin, to themselves or round in circles', async () => {
    const away = await serve(() => ({ items: [1], link: 'https://evil.example/x' }))
    await expect(drainPages(away.list)).rejects.toMatchObject({ code: 'EGRESS_REFUSED' })
    const self = await serve(() => ({ items: [1], link: '/api/things?page=2' }))
    await expect(drainPages(self.list)).rejects.toMatchObject(circle)
    const round = await serve((url) => ({ items: [1], link: url.searchParams.get('p') === '1' ? '?p=2' : '?p=1' }))
    await expect(drainPages(round.list)).rejects.toMatchObject(circle)
  })
})

describe('every item', () => {
  it('comes one by one, and nothing is fetched ahead', async () => {
    const asked: number[] = []
    const fetch = (request: FetchRequest) =>
      pageByNumber(request, {
        fetch: async ({ page }) => {
          asked.push(page)
          return page > 3 ? [] : [page * 10, page * 10 + 1]
        },
      })
    const seen: number[] = []
    for await (const item of everyItem(fetch)) {
      seen.push(item)
      if (item === 21) break
    }
    expect({ seen, asked }).toEqual({ seen: [10, 11, 20, 21], asked: [1, 2] })
  })

  it('is refused when a page leads to itself', async () => {
    const fetch = async () => ({ items: [1], cursor: 'same', hasMore: true })
    const all = async () => {
      for await (const _item of everyItem(fetch));
    }
    await expect(all()).rejects.toMatchObject(circle)
  })
})

describe('pages of a Relay connection', () => {
  const connection = (size: number, after: string | null) => {
    const nodes = numbers(7)
      .filter((number) => number > Number(after ?? 0))
      .slice(0, size)
    return { nodes, pageInfo: { hasNextPage: (nodes.at(-1) ?? 7) < 7, endCursor: String(nodes.at(-1)) } }
  }

  it('come to an end where the service says so, and the next run starts from the beginning', async () => {
    const drained = await drainPages((request) =>
      pageByRelay(request, { fetch: async ({ after }) => connection(3, after) }),
    )
    expect(drained).toEqual({ items: numbers(7), cursor: null, pageCount: 3 })
  })

  it('may come as edges', async () => {
    const { items } = await drainPages((request) =>
      pageByRelay(request, {
        async fetch({ after }) {
          const { nodes, pageInfo } = connection(5, after)
          return { edges: nodes.map((node) => ({ node })), pageInfo }
        },
      }),
    )
    expect(items).toEqual(numbers(7))
  })

  it('end where a next one is promised, but has no name', async () => {
    const { items } = await drainPages((request) =>
      pageByRelay(request, { fetch: async () => ({ nodes: [1], pageInfo: { hasNextPage: true, endCursor: null } }) }),
    )
    expect(items).toEqual([1])
  })

  it('must not go round in circles', async () => {
    const round = drainPages((request) =>
      pageByRelay(request, { fetch: async () => ({ nodes: [1], pageInfo: { hasNextPage: true, endCursor: 'x' } }) }),
    )
    await expect(round).rejects.toMatchObject(circle)
  })
})
