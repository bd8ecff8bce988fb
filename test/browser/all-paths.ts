import type { APIRequestContext } from 'playwright-core'

/** A page of the console, as it was answered. */
export interface SeenPage {
  readonly status: number
  readonly html: string
  /** Headers that came along, in one text. */
  readonly headers: string
}

/** Where the forms of the pages that write go to. */
const actionPattern = /<form class="action" method="post" action="([^"]+)"/g
const linkPattern = /<(?:a|link|script)[^>]* (?:href|src)="(\/[^"]*)"/g

/** Follows every link from the first page on, and answers every page by its address, and the addresses of all forms. */
export async function crawl(request: APIRequestContext, start: string) {
  const { origin, pathname } = new URL(start)
  const pages = new Map<string, SeenPage>()
  const actions = new Set<string>()
  const waiting = [pathname]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (pages.has(path)) continue
    const page = await visit(request, origin + path)
    pages.set(path, page)
    for (const [, to = ''] of page.html.matchAll(linkPattern)) waiting.push(unescaped(to))
    for (const [, to = ''] of page.html.matchAll(actionPattern)) actions.add(unescaped(to))
  }
  return { pages, actions }
}

/** Asks for a page, without following redirects. */
export async function visit(request: APIRequestContext, url: string): Promise<SeenPage> {
  const response = await request.get(url, { maxRedirects: 0 })
  const headers = response.headersArray().map(({ name, value }) => `${name}: ${value}`)
  return { status: response.status(), html: await response.text(), headers: headers.join('\n') }
}

function unescaped(text: string): string {
  return text.replaceAll('&amp;', '&')
}
