import { readCookie, writeCookie } from './cookies.ts'

/** What became of an action, told on the next page. */
export interface Notice {
  readonly tone: 'good' | 'bad' | 'info'
  readonly text: string
}

const name = 'connectors-admin-notice'
const maxLength = 600

/** The notice that the last action left for this browser. */
export function readNotice(request: Request): Notice | null {
  try {
    const value = JSON.parse(Buffer.from(readCookie(request, name) ?? '', 'base64url').toString()) as Partial<Notice>
    const { tone, text } = value
    return (tone === 'good' || tone === 'bad' || tone === 'info') && typeof text === 'string' ? { tone, text } : null
  } catch {
    return null
  }
}

/** A cookie that holds a notice until the next page; `null`: that takes it away. */
export function noticeCookie(notice: Notice | null, at: { readonly path: string; readonly isSecure: boolean }): string {
  if (notice === null) return writeCookie(name, '', { ...at, maxAgeSeconds: 0 })
  const text = notice.text.length > maxLength ? `${notice.text.slice(0, maxLength - 1)}…` : notice.text
  return writeCookie(name, Buffer.from(JSON.stringify({ ...notice, text })).toString('base64url'), {
    ...at,
    maxAgeSeconds: 60,
  })
}
