/** The value of a cookie of a request, or `null`. */
export function readCookie(request: Request, name: string): string | null {
  for (const part of (request.headers.get('cookie') ?? '').split(';')) {
    const [key, ...value] = part.split('=')
    if (key?.trim() === name) return value.join('=').trim()
  }
  return null
}

/** How a cookie of the console is set: for this site only, and not for scripts. */
export function writeCookie(
  name: string,
  value: string,
  {
    path,
    isSecure,
    maxAgeSeconds,
  }: { readonly path: string; readonly isSecure: boolean; readonly maxAgeSeconds?: number },
): string {
  const age = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`
  return `${name}=${value}; Path=${path}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}${age}`
}
