/**
 * Whether a write was sent by a page of this very origin, as far as the browser says so: it has to say it in `Origin` or
 * `Sec-Fetch-Site`, and neither may say otherwise.
 */
export function isSameOrigin(request: Request, origin: string | null): boolean {
  const site = request.headers.get('sec-fetch-site')
  const from = request.headers.get('origin')
  if (site !== null && site !== 'same-origin') return false
  if (from === null) return site !== null
  if (!URL.canParse(from)) return false
  if (origin !== null) return from === origin
  // A proxy that ends TLS makes http of https; the host has to be the same.
  const own = [request.headers.get('host'), new URL(request.url).host]
  return own.includes(new URL(from).host)
}
