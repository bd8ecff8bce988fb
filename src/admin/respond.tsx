import type { Child } from 'hono/jsx'
import { script } from './script.ts'
import { securityHeaders } from './security-headers.ts'
import { stylesheet } from './stylesheet.ts'
import { Document } from './ui/document.tsx'

/** A page as an answer. */
export async function htmlResponse(page: Child, status = 200, cookies: readonly string[] = []): Promise<Response> {
  const headers = new Headers({ ...securityHeaders, 'content-type': 'text/html; charset=utf-8' })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(`<!doctype html>${String(await page)}`, { status, headers })
}

/** An answer that sends the browser to another page of the console. */
export function redirectResponse(location: string, cookies: readonly string[]): Response {
  const headers = new Headers({ ...securityHeaders, location })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}

/** A page for those who have no sight of anything: it says what is wrong, and nothing of what there is. */
export function bareResponse(basePath: string, status: number, title: string, text: string): Promise<Response> {
  return htmlResponse(
    <Document title={title} stylesheet={basePath + stylesheet.path} script={basePath + script.path}>
      <main>
        <div class="empty">
          <h1>{title}</h1>
          <p>{text}</p>
        </div>
      </main>
    </Document>,
    status,
  )
}
