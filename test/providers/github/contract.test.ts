import { sign } from '@octokit/webhooks-methods'
import { github } from 'bapp-connectors/providers/github'
import {
  fakeResponse,
  fakeRoutes,
  type RoutedRequest,
  registerProviderContract,
  startFakeProvider,
} from 'bapp-connectors/testing'
import { describe, test } from 'vitest'

const token = 'token-of-acme'
const numbers = Array.from({ length: 230 }, (_, index) => index + 1)

/** Seven share each second. */
const changedAt = (number: number) => new Date(Date.UTC(2026, 0, 1) + Math.floor(number / 7) * 1_000).toISOString()

const issue = (number: number) => ({
  id: number,
  number,
  title: `Issue ${number}`,
  state: 'open',
  html_url: `https://github.example/acme/shop/issues/${number}`,
  created_at: '2026-01-01T00:00:00Z',
  updated_at: changedAt(number),
  head: { ref: 'feature' },
  base: { ref: 'main' },
})

/** A listing as https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api says. */
function listing(rows: readonly { readonly id: number; readonly updated_at?: string }[]) {
  return ({ url, query }: RoutedRequest) => {
    const since = Date.parse(query.get('since') ?? '1970-01-01')
    const found = rows.filter(({ updated_at }) => updated_at === undefined || Date.parse(updated_at) >= since)
    if (query.get('direction') === 'desc') found.reverse()
    const page = Number(query.get('page') ?? 1)
    const end = page * Number(query.get('per_page') ?? 30)
    const next = new URL(url, 'http://github.test')
    next.searchParams.set('page', String(page + 1))
    const link = end < found.length ? { link: `<${next.pathname}${next.search}>; rel="next"` } : {}
    return fakeResponse(200, found.slice(end - Number(query.get('per_page') ?? 30), end), link)
  }
}

registerProviderContract({ describe, test }, github, {
  async start() {
    const issues = numbers.map(issue)
    const repositories = numbers.map((id) => ({ id, full_name: `acme/r${id}`, private: true, html_url: 'https://x' }))
    const routes = {
      'GET /': () => ({}),
      'GET /user/repos': listing(repositories),
      'GET /repos/acme/shop/issues': listing(issues),
      'GET /repos/acme/shop/pulls': listing(issues),
      'GET /repos/acme/shop/issues/:number': ({ params }: RoutedRequest) => issue(Number(params.number)),
    }
    const service = await startFakeProvider(
      fakeRoutes(routes, { authorize: ({ headers }) => headers.authorization === `Bearer ${token}` }),
    )
    return {
      service,
      credentials: { token },
      settings: { baseUrl: service.origin, repository: 'acme/shop' },
      secrets: [token],
      items: { repositories: numbers, issues: numbers, pulls: numbers },
    }
  },
  call: (adapter) => adapter.getIssue(1),
  webhooks: {
    secret: 'secret of the webhook',
    // GitHub's own code.
    sign: async ({ rawBody, secret }) => ({
      'x-hub-signature-256': await sign(secret, Buffer.from(rawBody).toString()),
    }),
    deliveries: [
      {
        type: 'issues.opened',
        body: { action: 'opened', issue: issue(1), sender: { id: 1, login: 'ada' } },
        headers: { 'x-github-event': 'issues', 'x-github-delivery': 'd1' },
      },
      {
        type: 'push',
        body: { ref: 'refs/heads/main' },
        headers: { 'x-github-event': 'push', 'x-github-delivery': 'd2' },
      },
    ],
  },
})
