import type { FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import { pageByToken } from '../kit/index.ts'
import type { GitHubPage, GitHubPageRequest } from './github-page.ts'
import type { GitHubRepository } from './github-repository.ts'

/** The part of the adapter that the resource needs. */
export interface RepositorySource {
  /** Repositories, the oldest first. */
  listRepositories(request: GitHubPageRequest): Promise<GitHubPage<GitHubRepository>>
}

/** One page of the repositories that the token can see. */
export function fetchRepositories(
  source: RepositorySource,
  request: FetchRequest,
): Promise<FetchedPage<GitHubRepository>> {
  return pageByToken(request, {
    emptyIsEnd: true,
    fetch: ({ token, signal }) => source.listRepositories({ page: token, signal }),
  })
}
