import type { Choice, ChoicesRequest, FetchedPage, FetchRequest } from '../../core/domain/provider.ts'
import { everyItem } from '../kit/index.ts'
import type { GitHubRepository } from './github-repository.ts'

/** Ten pages: whoever sees more writes the name by hand. */
const mostChoices = 1_000

/** The repositories that a token can see, as values of the setting `repository`; the first thousand of them. */
export async function repositoryChoices(
  fetch: (request: FetchRequest) => Promise<FetchedPage<GitHubRepository>>,
  request: ChoicesRequest,
): Promise<readonly Choice[]> {
  const choices: Choice[] = []
  for await (const { fullName } of everyItem(fetch, request)) {
    choices.push({ value: fullName, label: fullName })
    if (choices.length === mostChoices) break
  }
  return choices
}
