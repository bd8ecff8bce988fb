import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import { pageBySince } from '../kit/index.ts'
import type { GitHubIssue } from './github-issue.ts'
import type { GitHubPage, GitHubPageRequest } from './github-page.ts'

/** The part of the adapter that the resource needs. */
export interface IssueSource {
  /** Names the listing: a cursor made for another one starts over. */
  listingId(): Promise<string>
  /** Issues and pull requests, the longest unchanged first. */
  listIssues(request: GitHubPageRequest & { readonly since?: string }): Promise<GitHubPage<GitHubIssue>>
}

/** One page of the issues that changed since the last run. GitHub lists pull requests among them: they are left out. */
export async function fetchIssues(source: IssueSource, request: FetchRequest): Promise<FetchedPage<GitHubIssue>> {
  const page = await pageBySince(request, {
    listing: await source.listingId(),
    tickMs: 1000,
    timeOf: ({ updatedAt }: GitHubIssue) => updatedAt,
    idOf: ({ id }) => id,
    fetch: ({ since, ...at }) => source.listIssues({ ...at, ...(since !== null && { since: toGitHubTime(since) }) }),
  })
  return { ...page, items: page.items.filter((item) => !item.isPullRequest) }
}

/** An instant as GitHub writes it: ISO 8601 in UTC, whole seconds. */
function toGitHubTime(at: Date): string {
  return at.toISOString().replace(/\.000Z$/, 'Z')
}
