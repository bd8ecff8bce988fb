import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import { pageNewestFirst } from '../kit/index.ts'
import type { GitHubPage, GitHubPageRequest } from './github-page.ts'
import type { GitHubPull } from './github-pull.ts'

/** The part of the adapter that the resource needs. */
export interface PullSource {
  /** Names the listing: a cursor made for another one starts over. */
  listingId(): Promise<string>
  /** Pull requests, the last changed first. */
  listPulls(request: GitHubPageRequest): Promise<GitHubPage<GitHubPull>>
}

/** One page of the pull requests that changed since the last run. GitHub can't list them from an instant on. */
export async function fetchPulls(source: PullSource, request: FetchRequest): Promise<FetchedPage<GitHubPull>> {
  return pageNewestFirst(request, {
    listing: await source.listingId(),
    timeOf: ({ updatedAt }: GitHubPull) => updatedAt,
    idOf: ({ id }) => id,
    fetch: (at) => source.listPulls(at),
  })
}
