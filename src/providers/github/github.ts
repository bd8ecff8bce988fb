import { z } from 'zod'
import { ConnectorsError } from '../../core/domain/errors.ts'
import { bearer, defineProvider, field, nextPath } from '../kit/index.ts'
import { fetchIssues } from './fetch-issues.ts'
import { fetchPulls } from './fetch-pulls.ts'
import { fetchRepositories } from './fetch-repositories.ts'
import { accountSchema, type GitHubAccount } from './github-account.ts'
import type { GitHubIssue } from './github-issue.ts'
import { issueSchema } from './github-issue.ts'
import { githubOAuth } from './github-oauth.ts'
import type { GitHubPage, GitHubPageRequest } from './github-page.ts'
import type { GitHubPull } from './github-pull.ts'
import { pullSchema } from './github-pull.ts'
import type { GitHubRepository } from './github-repository.ts'
import { repositorySchema } from './github-repository.ts'
import { type GitHubWebhook, type GitHubWebhookRequest, githubSubscriptions } from './github-subscriptions.ts'
import { githubWebhooks } from './github-webhooks.ts'
import { rateLimitRules } from './rate-limit.ts'
import { repositoryChoices } from './repository-choices.ts'

export type { GitHubAccount } from './github-account.ts'
export type { GitHubEventType } from './github-event-types.ts'
export type { GitHubIssue } from './github-issue.ts'
export type { GitHubPage, GitHubPageRequest } from './github-page.ts'
export type { GitHubPull } from './github-pull.ts'
export type { GitHubRepository } from './github-repository.ts'
export type { GitHubWebhook, GitHubWebhookRequest } from './github-subscriptions.ts'
export type { GitHubEvent, GitHubSubject } from './github-webhooks.ts'

const credentialsSchema = z.object({
  token: field(z.string().regex(/^[\x21-\x7e]+$/, 'must be a token without white space'), {
    label: 'Token',
    help: 'A personal access token (classic or fine-grained), or the token of an app installation.',
    placeholder: 'github_pat_…',
    secret: true,
    order: 1,
  }),
  refreshToken: field(z.string().min(1).optional(), {
    label: 'Refresh token',
    help: 'Of a user token of a GitHub App. Filled in when the account is connected on the consent page.',
    secret: true,
    order: 2,
  }),
  expiresAt: field(z.iso.datetime().optional(), {
    label: 'Expiry of the token',
    help: 'Filled in likewise.',
    secret: false,
    order: 3,
  }),
})

const settingsSchema = z.strictObject({
  baseUrl: field(z.url({ protocol: /^https?$/ }).default('https://api.github.com'), {
    label: 'Address of the API',
    help: 'For GitHub Enterprise Server https://<host>/api/v3.',
    order: 2,
  }),
  repository: field(
    z
      .string()
      .regex(/^(?!\.{1,2}\/)[A-Za-z0-9_.-]+\/(?!\.{1,2}$)[A-Za-z0-9_.-]+$/, 'must be owner/name')
      .optional(),
    {
      label: 'Repository',
      help: 'What issues, pull requests and webhooks are about.',
      placeholder: 'owner/name',
      order: 1,
    },
  ),
})

// https://docs.github.com/en/rest/repos/webhooks#get-a-repository-webhook
const webhookSchema = z
  .object({
    id: z.int(),
    active: z.boolean(),
    events: z.array(z.string()),
    config: z.object({ url: z.string().optional() }),
  })
  .transform(
    ({ id, active, events, config }): GitHubWebhook => ({ id, url: config.url ?? '', events, isActive: active }),
  )

const perPage = 100

/**
 * GitHub and GitHub Enterprise Server, by token or on the consent page (REST API version 2022-11-28).
 *
 * Resources: `repositories` (all the token can see), `issues` and `pulls` (of the setting `repository`; what changed
 * since the last run). The token needs read access to them; `createIssue` and `createWebhook` need write access.
 */
export const github = defineProvider({
  family: 'code',
  name: 'github',
  familyPresentation: { label: 'Source code', icon: 'git-branch', color: '#475569' },
  label: 'GitHub',
  version: '1.0.0',
  description: 'Issues, pull requests and repositories.',
  docsUrl:
    'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/managing-your-personal-access-tokens',
  allowMultiple: true,
  credentials: credentialsSchema,
  settings: settingsSchema,
  http: {
    baseUrl: ({ baseUrl }) => baseUrl,
    auth: ({ token }) => bearer(token),
    // https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#headers
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'bapp-connectors',
    },
    errors: rateLimitRules,
  },
  adapter: ({ http, settings }) => {
    // Refused late, not by the schema: `repositories` needs no repository.
    const repository = () => {
      if (settings.repository !== undefined) return settings.repository
      throw new ConnectorsError('INVALID_SETTINGS', 'Set `repository` to owner/name: this connection has none.')
    }
    const list = async <S extends z.ZodType>(
      path: string,
      item: S,
      query: Readonly<Record<string, string | undefined>>,
      { page = null, signal }: GitHubPageRequest,
    ): Promise<GitHubPage<z.output<S>>> => {
      // A page is named from the root of the server: its link may have moved to another path.
      const answer =
        page === null
          ? await http.get(path, { query: { ...query, per_page: perPage }, ...(signal && { signal }) })
          : await http.get(`${http.origin}${page}`, signal && { signal })
      return { items: answer.read(z.array(item)), next: nextPath(answer) }
    }
    return {
      /** Names the listings of the repository: where it is and what it is called. */
      async listingId(): Promise<string> {
        return `${settings.baseUrl.replace(/\/+$/, '')}/repos/${repository()}`
      },

      /** Proves the token at the root of the API, which any kind of token may read. Answers a classic token's scopes. */
      async testConnection(): Promise<{ readonly scopes: readonly string[] }> {
        const { headers } = await http.get('/')
        return { scopes: (headers['x-oauth-scopes'] ?? '').split(/[\s,]+/).filter((scope) => scope !== '') }
      },

      /** Whose the token is. Not for tokens of installations, which are nobody's. */
      async getAccount(): Promise<GitHubAccount> {
        return (await http.get('/user')).read(accountSchema)
      },

      /** Repositories that the token can see, the oldest first. */
      async listRepositories(request: GitHubPageRequest = {}): Promise<GitHubPage<GitHubRepository>> {
        return list('/user/repos', repositorySchema, { sort: 'created', direction: 'asc' }, request)
      },

      /** Issues and pull requests of the repository, the longest unchanged first; from `since` on, inclusive. */
      async listIssues(
        request: GitHubPageRequest & { readonly since?: string } = {},
      ): Promise<GitHubPage<GitHubIssue>> {
        const query = { state: 'all', sort: 'updated', direction: 'asc', since: request.since }
        return list(`/repos/${repository()}/issues`, issueSchema, query, request)
      },

      /** Pull requests of the repository, the last changed first. */
      async listPulls(request: GitHubPageRequest = {}): Promise<GitHubPage<GitHubPull>> {
        const query = { state: 'all', sort: 'updated', direction: 'desc' }
        return list(`/repos/${repository()}/pulls`, pullSchema, query, request)
      },

      /** One issue, by its number in the repository. */
      async getIssue(number: number): Promise<GitHubIssue> {
        return (await http.get(`/repos/${repository()}/issues/${toNumber(number)}`)).read(issueSchema)
      },

      /** Opens an issue. Not tried again by itself: GitHub has no idempotency keys. */
      async createIssue(issue: {
        readonly title: string
        readonly body?: string
        readonly labels?: readonly string[]
      }): Promise<GitHubIssue> {
        return (await http.post(`/repos/${repository()}/issues`, { json: issue })).read(issueSchema)
      },

      /** Makes GitHub deliver events of the repository to `url`, as JSON and signed with `secret`. */
      async createWebhook(webhook: GitHubWebhookRequest): Promise<GitHubWebhook> {
        // https://docs.github.com/en/rest/repos/webhooks#create-a-repository-webhook
        const json = { name: 'web', ...webhookBody(webhook) }
        return (await http.post(`/repos/${repository()}/hooks`, { json })).read(webhookSchema)
      },

      /** Changes a webhook, and turns it on. */
      async updateWebhook(id: number, webhook: GitHubWebhookRequest): Promise<GitHubWebhook> {
        // https://docs.github.com/en/rest/repos/webhooks#update-a-repository-webhook
        const json = webhookBody(webhook)
        return (await http.patch(`/repos/${repository()}/hooks/${toNumber(id)}`, { json })).read(webhookSchema)
      },

      /** The webhooks of the repository, those of others too. */
      async listWebhooks(): Promise<readonly GitHubWebhook[]> {
        // https://docs.github.com/en/rest/repos/webhooks#list-repository-webhooks
        const found: GitHubWebhook[] = []
        for (let page: string | null = null; ; ) {
          const { items, next }: GitHubPage<GitHubWebhook> = await list(
            `/repos/${repository()}/hooks`,
            webhookSchema,
            {},
            { page },
          )
          found.push(...items)
          if (next === null) return found
          page = next
        }
      },

      /** Deletes a webhook of the repository. */
      async deleteWebhook(id: number): Promise<void> {
        // https://docs.github.com/en/rest/repos/webhooks#delete-a-repository-webhook
        await http.delete(`/repos/${repository()}/hooks/${toNumber(id)}`)
      },
    }
  },
  test: (adapter) => adapter.testConnection(),
  choices: {
    repository: (adapter, request) => repositoryChoices((page) => fetchRepositories(adapter, page), request),
  },
  resources: {
    repositories: {
      // The listing can be asked for changes, but doesn't tell what was renamed or given away: always all of it.
      incremental: false,
      fetch: fetchRepositories,
    },
    issues: { incremental: true, fetch: fetchIssues },
    pulls: { incremental: true, fetch: fetchPulls },
  },
  webhooks: githubWebhooks,
  subscriptions: githubSubscriptions,
  oauth: githubOAuth,
})

function webhookBody({ url, secret, events = ['*'] }: GitHubWebhookRequest): object {
  return { active: true, events, config: { url, secret, content_type: 'json', insecure_ssl: '0' } }
}

function toNumber(number: number): number {
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new ConnectorsError(
    'INVALID_INPUT',
    'The number of an issue, or the id of a webhook, is a positive whole number.',
  )
}
