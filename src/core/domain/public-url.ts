/** Where the address of webhooks is seen from outside: what providers call, and what some of them sign. */
export interface PublicAddress {
  /** Absolute, e.g. `https://app.example.com/webhooks`; `undefined` = as requests say. */
  readonly baseUrl?: string | undefined
  /** The same as a request here sees it, e.g. `/webhooks`; a proxy may have written it anew. */
  readonly path: string
}

/**
 * The URL that the provider called, made of the one that arrived, perhaps behind a proxy: what stands under `path` stands
 * under `baseUrl`; everything else stays as it is on the host of `baseUrl`.
 */
export function toPublicUrl(arrived: string, { baseUrl, path }: PublicAddress): string {
  if (baseUrl === undefined) return arrived
  // By hand: URL would write anew what may be signed as it stands.
  const rest = arrived.replace(/^[a-z]+:\/\/[^/?#]*/i, '')
  return rest.startsWith(`${path}/`) ? baseUrl + rest.slice(path.length) : new URL(baseUrl).origin + rest
}
