import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import type { Json } from '../../../src/core/domain/json.ts'
import type { AdapterOf, ItemOf, ResourceOf, WebhookEventOf } from '../../../src/core/domain/provider.ts'
import type { GitHubEvent, GitHubIssue } from '../../../src/providers/github/github.ts'
import { github } from '../../../src/providers/github/github.ts'
import { type FakeRequest, startFakeProvider } from '../../../src/testing/fake-provider.ts'
import { type GitHubReplayServer, startGitHubReplayServer } from '../../support/github-replay-server.ts'
import { createProviderContext } from '../../support/provider-context.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function replay(): Promise<GitHubReplayServer> {
  const server = await startGitHubReplayServer()
  closers.push(server.close)
  return server
}

async function serve(answer: (request: FakeRequest, response: ServerResponse) => void) {
  const server = await startFakeProvider(answer)
  closers.push(server.close)
  return server
}

function connect(baseUrl: string, repository?: string, token = 'token-of-acme') {
  const { context, waits } = createProviderContext()
  const settings = github.settings.parse({ baseUrl, ...(repository !== undefined && { repository }) })
  return Object.assign(github.build({ ...context, credentials: { token }, settings }), { waits })
}

function build(baseUrl: string, repository?: string, token?: string): AdapterOf<typeof github> {
  const { waits: _waits, ...adapter } = connect(baseUrl, repository, token)
  return adapter
}

async function drain<R extends ResourceOf<typeof github>>(
  adapter: AdapterOf<typeof github>,
  resource: R,
  cursor: Json,
) {
  const items: ItemOf<typeof github, R>[] = []
  // One signature for all three; the items of each are those of its name.
  const { fetch } = github.resources[resource] as (typeof github.resources)[R]
  for (let pages = 1; pages <= 20; pages += 1) {
    const page = await fetch(adapter, { cursor, signal: new AbortController().signal })
    items.push(...(page.items as ItemOf<typeof github, R>[]))
    cursor = page.cursor
    if (!page.hasMore) return { items, cursor, pages }
  }
  throw new Error('the sync does not end')
}

const paginated = 'octokit-fixture-org/paginate-issues'

describe('the types of the GitHub provider', () => {
  it('name its resources, their items and its events', () => {
    expectTypeOf<ResourceOf<typeof github>>().toEqualTypeOf<'repositories' | 'issues' | 'pulls'>()
    expectTypeOf<ItemOf<typeof github, 'issues'>>().toEqualTypeOf<GitHubIssue>()
    expectTypeOf<WebhookEventOf<typeof github>>().toEqualTypeOf<GitHubEvent>()
    expectTypeOf<AdapterOf<typeof github>['getIssue']>().toEqualTypeOf<(number: number) => Promise<GitHubIssue>>()
  })
})

describe('syncing the recorded issues of api.github.com', () => {
  it('follows the links, which move to another path, through five pages', async () => {
    const server = await replay()
    const { items, pages } = await drain(build(server.origin, paginated), 'issues', null)
    expect(items.map(({ number }) => number)).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    expect(pages).toBe(5)
    expect(server.requests.map(({ path }) => path.split('?')[0])).toEqual([
      `/repos/${paginated}/issues`,
      ...Array.from({ length: 4 }, () => '/repositories/1000/issues'),
    ])
    expect(items[0]).toMatchObject({
      id: 1000,
      title: 'Test issue 13',
      state: 'open',
      author: { login: 'octokit-fixture-user-a' },
      labels: [],
      updatedAt: new Date('2017-10-10T16:00:00Z'),
      raw: { node_id: 'MDA6RW50aXR5MQ==' },
    })
  })

  it('delivers nothing twice in the next run, which asks from the newest instant on', async () => {
    const server = await replay()
    const adapter = build(server.origin, paginated)
    const first = await drain(adapter, 'issues', null)
    const asked = server.requests.length
    const second = await drain(adapter, 'issues', first.cursor)
    expect(second.items).toEqual([])
    expect(second.cursor).toEqual(first.cursor)
    expect(server.requests[asked]?.path).toContain('since=2017-10-10T16%3A00%3A00Z')
  })

  it('resumes at the page where it stopped', async () => {
    const server = await replay()
    const adapter = build(server.origin, paginated)
    const signal = new AbortController().signal
    const page = await github.resources.issues.fetch(adapter, { cursor: null, signal })
    expect(page).toMatchObject({ hasMore: true })
    const rest = await drain(build(server.origin, paginated), 'issues', page.cursor)
    expect([...page.items, ...rest.items]).toHaveLength(13)
    expect(server.requests).toHaveLength(5)
  })
})

describe('testing a connection', () => {
  it('passes with a live token and tells its scopes, fails with a refused one, and passes again', async () => {
    const server = await replay()
    const adapter = build(server.origin)
    expect((await adapter.testConnection()).scopes).toContain('repo')
    server.refuse('token-of-acme')
    await expect(github.test(adapter)).rejects.toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      message: 'GET / answered 401: Bad credentials',
    })
    server.accept('token-of-acme')
    await github.test(adapter)
    expect(server.requests.map(({ status }) => status)).toEqual([200, 401, 200])
  })
})

describe('the methods', () => {
  it('open an issue, as it was recorded', async () => {
    const server = await replay()
    const adapter = build(server.origin, 'octokit-fixture-org/add-labels-to-issue')
    expect(await adapter.createIssue({ title: 'Issue without a label' })).toMatchObject({
      number: 1,
      title: 'Issue without a label',
      labels: [],
    })
    await expect(adapter.createIssue({ title: 'Not recorded' })).rejects.toMatchObject({
      code: 'PROVIDER_REJECTED',
      status: 404,
    })
  })

  it('read an issue and make a webhook at GitHub Enterprise, below its path', async () => {
    const server = await serve((request, response) => {
      const issue = {
        id: 1,
        number: 7,
        title: 't',
        state: 'closed',
        labels: ['old', { name: 'new' }],
        html_url: 'https://ghe.example/o/n/issues/7',
        created_at: '2026-01-01T00:00:00Z',
        updated_at: '2026-01-02T00:00:00Z',
        closed_at: '2026-01-02T00:00:00Z',
      }
      const hook = { id: 12, active: true, events: ['issues'], config: { url: 'https://us.example/hooks/1' } }
      response.end(JSON.stringify(request.method === 'POST' ? hook : issue))
    })
    const adapter = build(`${server.origin}/api/v3`, 'o/n')
    expect(await adapter.getIssue(7)).toMatchObject({
      number: 7,
      state: 'closed',
      labels: ['old', 'new'],
      author: null,
    })
    const webhook = { url: 'https://us.example/hooks/1', secret: 'whs', events: ['issues'] }
    expect(await adapter.createWebhook(webhook)).toEqual({
      id: 12,
      url: webhook.url,
      events: ['issues'],
      isActive: true,
    })
    expect(server.requests).toMatchObject([
      {
        method: 'GET',
        url: '/api/v3/repos/o/n/issues/7',
        headers: { authorization: 'Bearer token-of-acme', 'x-github-api-version': '2022-11-28' },
      },
      { method: 'POST', url: '/api/v3/repos/o/n/hooks' },
    ])
    expect(JSON.parse(server.requests[1]?.body ?? '')).toEqual({
      name: 'web',
      active: true,
      events: ['issues'],
      config: { url: 'https://us.example/hooks/1', secret: 'whs', content_type: 'json', insecure_ssl: '0' },
    })
    await expect(adapter.getIssue(1.5)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('say that the setting `repository` is missing where they need it', async () => {
    const adapter = build('https://github.example')
    for (const attempt of [adapter.listIssues(), adapter.listPulls(), adapter.getIssue(1)]) {
      await expect(attempt).rejects.toMatchObject({
        code: 'INVALID_SETTINGS',
        message: expect.stringContaining('repository'),
      })
    }
  })

  it('page through repositories from the beginning, every time', async () => {
    const server = await serve((request, response) => {
      const page = new URL(request.url, 'http://x').searchParams.get('page') ?? '1'
      if (page !== '3') response.setHeader('link', `</user/repos?page=${Number(page) + 1}>; rel="next"`)
      const repository = { id: Number(page), full_name: `o/r${page}`, private: true, html_url: 'https://x' }
      // The last page is empty and was named all the same.
      response.end(JSON.stringify(page === '3' ? [] : [repository]))
    })
    const { items, cursor } = await drain(build(server.origin), 'repositories', null)
    expect(items).toMatchObject([
      { id: 1, fullName: 'o/r1', isPrivate: true },
      { id: 2, fullName: 'o/r2' },
    ])
    expect(cursor).toBeNull()
  })

  it('refuse a page that names itself as the next one', async () => {
    const server = await serve((_request, response) => {
      response.setHeader('link', '</repositories/1/issues?page=2>; rel="next"')
      response.end('[]')
    })
    const adapter = build(server.origin, 'o/n')
    await expect(adapter.listIssues({ page: '/repositories/1/issues?page=2' })).rejects.toMatchObject({
      code: 'PROVIDER_FAILED',
    })
  })
})

describe('syncing pull requests', () => {
  it('stops at what was delivered before', async () => {
    const pull = (id: number) => ({
      id,
      number: id,
      title: `p${id}`,
      state: 'open',
      draft: true,
      head: { ref: 'feature' },
      base: { ref: 'main' },
      html_url: 'https://x',
      created_at: '2026-01-01T00:00:00Z',
      updated_at: `2026-01-0${id}T00:00:00Z`,
    })
    let pulls = [3, 2, 1].map(pull)
    const server = await serve((request, response) => {
      const page = Number(new URL(request.url, 'http://x').searchParams.get('page') ?? '1')
      if (page < pulls.length) response.setHeader('link', `</repositories/1/pulls?page=${page + 1}>; rel="next"`)
      response.end(JSON.stringify(pulls.slice(page - 1, page)))
    })
    const adapter = build(server.origin, 'o/n')
    const first = await drain(adapter, 'pulls', null)
    expect(first.items.map(({ number }) => number)).toEqual([3, 2, 1])
    expect(first.items[0]).toMatchObject({ isDraft: true, head: 'feature', base: 'main', mergedAt: null })
    pulls = [4, 3, 2, 1].map(pull)
    const second = await drain(adapter, 'pulls', first.cursor)
    expect(second.items.map(({ number }) => number)).toEqual([4])
    expect(second.pages).toBe(3)
  })
})

describe('rate limits', () => {
  const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
  const reset = (seconds: number) => String(Date.parse(date) / 1000 + seconds)

  it.each([
    ['primary', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset(90) }, {}, 90_000],
    ['primary', 429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset(90) }, {}, 90_000],
    ['in milliseconds', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${reset(90)}000` }, {}, 90_000],
    ['without a reset', 403, { 'x-ratelimit-remaining': '0' }, {}, 60_000],
    ['secondary', 403, { 'retry-after': '30' }, {}, 30_000],
    ['secondary by its message', 403, {}, { message: 'You have exceeded a secondary rate limit.' }, 60_000],
    ['unexplained', 429, {}, {}, 60_000],
  ])('%s (%i) are told with the wait', async (_title, status, headers, body, retryAfterMs) => {
    const server = await serve((_request, response) => {
      response.writeHead(status, { date, ...headers })
      response.end(JSON.stringify(body))
    })
    await expect(build(server.origin, 'o/n').listIssues()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs })
    expect(server.requests).toHaveLength(1)
  })

  it('are told apart from a lack of permission', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(403, { 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': reset(90) })
      response.end('{"message":"Resource not accessible by personal access token"}')
    })
    await expect(build(server.origin, 'o/n').listIssues()).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
  })
})

describe('settings and credentials', () => {
  it('have api.github.com as the default, and refuse what can not work', () => {
    expect(github.settings.parse({})).toEqual({ baseUrl: 'https://api.github.com' })
    const repositories = ['name', 'o/n/x', 'o/..', '../n', 'o/n?x', ' o/n', '']
    for (const wrong of [
      ...repositories.map((repository) => ({ repository })),
      { baseUrl: 'github.example' },
      { baseUrl: 'ftp://github.example' },
      { repo: 'o/n' },
    ]) {
      expect(github.settings.safeParse(wrong), JSON.stringify(wrong)).toHaveProperty('success', false)
    }
    expect(github.settings.safeParse({ repository: 'octo.org/Hello_World-1.x' }).success).toBe(true)
    for (const token of ['', 'with space', 'line\nbreak', undefined]) {
      expect(github.credentials.safeParse({ token }).success).toBe(false)
    }
  })
})
