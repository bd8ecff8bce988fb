import type { Page, PageRequest } from '../../core/domain/page.ts'

/**
 * Walks through a list page by page and answers the ids of each page.
 * Gives up after 100 pages, so that a list that never ends fails a case instead of hanging it.
 */
export async function walkPages(
  list: (request: PageRequest) => Promise<Page<{ readonly id: string }>>,
  limit: number,
  afterFirstPage: () => Promise<void> = async () => {},
): Promise<string[][]> {
  const pages: string[][] = []
  let after: string | null = null
  do {
    const page: Page<{ readonly id: string }> = await list({ after, limit })
    pages.push(page.items.map(({ id }) => id))
    if (pages.length === 1) await afterFirstPage()
    after = page.next
  } while (after !== null && pages.length < 100)
  return pages
}
