/** The cookie that binds something to a browser, until it is used. */
export interface BrowserCookie {
  readonly name: string
  /** Whether it is for plain http on this machine, where browsers take neither `Secure` nor the prefix. */
  readonly isLocal: boolean
}

/**
 * The cookie of one authorization. A name for each: several may be under way in one browser.
 *
 * @param id - of the authorization, hexadecimal.
 * @param redirectUri - where the browser comes back to.
 */
export function browserCookie(id: string, redirectUri: string): BrowserCookie {
  const isLocal = new URL(redirectUri).protocol === 'http:'
  return { name: `${isLocal ? '' : '__Host-'}bapp-oauth-${id.slice(0, 16)}`, isLocal }
}

/** The `Set-Cookie` header that sets it for so long; 0 seconds take it back. */
export function setCookie({ name, isLocal }: BrowserCookie, value: string, maxAgeSeconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly;${isLocal ? '' : ' Secure;'} SameSite=Lax`
}

/** Its values in a `Cookie` header: somebody may have planted a second one. */
export function cookieValues(header: string | null, { name }: BrowserCookie): readonly string[] {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}
