import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'

/** A request that reached the replay server. */
export interface ReplayedRequest {
  readonly method: string
  /** With query. */
  readonly path: string
  readonly token: string | null
  readonly status: number
}

/** See {@link startGitHubReplayServer}. */
export interface GitHubReplayServer {
  /** Base URL for the GitHub provider. */
  readonly origin: string
  /** All requests so far, oldest first. */
  readonly requests: readonly ReplayedRequest[]
  /** Answers 401 to this token from now on, as GitHub does to a revoked one. */
  refuse(token: string): void
  /** Takes `refuse` back. */
  accept(token: string): void
  close(): Promise<void>
}

interface Recording {
  readonly scope: string
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly status: number
  readonly response: unknown
  readonly responseIsBinary: boolean
  readonly headers: Readonly<Record<string, string | number>>
  /** Names and values in turn; raw recordings have these instead of `headers`. */
  readonly rawHeaders?: readonly string[]
}

/** What to replay. */
export interface GitHubReplayOptions {
  /**
   * `normalized` (default): instants, ids and names are made the same, so that recordings can be compared.
   * `raw`: all as recorded.
   */
  readonly recordings?: 'normalized' | 'raw'
}

const require = createRequire(import.meta.url)

const github = 'https://api.github.com'

/**
 * What only shapes a listing (how much, in which order, which part of it). Recordings were made with some of these, and
 * a client that asks with others gets the recording: its items and links are genuine all the same. `page` is none of
 * them: it says *which* answer is meant.
 */
const shaping: ReadonlySet<string> = new Set(['per_page', 'sort', 'direction', 'state', 'filter', 'since'])

// They describe the recorded transfer, not ours.
const transferHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-encoding',
  'transfer-encoding',
])

/**
 * Serves the genuine exchanges with api.github.com that `@octokit/fixtures` ships, from a loopback port. Addresses of
 * api.github.com in bodies and headers (`Link`, `Location`) become its own.
 *
 * A recording answers a request if method and path are the same, and all query parameters that don't merely shape a
 * listing ({@link shaping}), in any order; a write also needs the same JSON body. Among several the one that shares the
 * most shaping parameters wins, then the first that was not served yet, then the last one again. `since` is honoured as
 * documented: items of a listing that were updated before are left out (links stay, so a page may be empty and still
 * name a next one; raw recordings have instants that differ, so there the listing is answered as GitHub does it: what all
 * pages have from that instant on, on one page). Without a token the answer is 401, and what was not recorded is 404.
 *
 * @param scenarios Names of scenarios to serve; default: all.
 */
export async function startGitHubReplayServer(
  scenarios?: readonly string[],
  options: GitHubReplayOptions = {},
): Promise<GitHubReplayServer> {
  const isRaw = options.recordings === 'raw'
  const recordings = load(scenarios, isRaw ? 'raw-fixture.json' : 'normalized-fixture.json')
  const served = new Set<Recording>()
  const refused = new Set<string>()
  const requests: ReplayedRequest[] = []

  const server = await startFakeProvider((request, response) => {
    const [, token = null] = /^(?:bearer|token) +(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
    const url = new URL(request.url, server.origin)
    const recording = find(recordings, served, request.method, url, request.body)
    const failure =
      token === null
        ? { status: 401, message: 'Requires authentication' }
        : refused.has(token)
          ? { status: 401, message: 'Bad credentials' }
          : recording === undefined
            ? { status: 404, message: 'Not Found' }
            : null
    requests.push({
      method: request.method,
      path: request.url,
      token,
      status: failure?.status ?? recording?.status ?? 500,
    })
    if (failure !== null || recording === undefined) {
      const body = { message: failure?.message, documentation_url: 'https://docs.github.com/rest' }
      response.writeHead(failure?.status ?? 500, { 'content-type': 'application/json; charset=utf-8' })
      response.end(JSON.stringify(body))
      return
    }
    served.add(recording)
    const here = (text: string) => text.replaceAll(github, server.origin)
    const since = url.searchParams.get('since')
    const pages = isRaw && since !== null ? pagesFrom(recordings, recording) : [recording]
    for (const [name, value] of Object.entries(recording.headers)) {
      const isLeftOut = transferHeaders.has(name.toLowerCase()) || (pages.length > 1 && name.toLowerCase() === 'link')
      if (!isLeftOut) response.setHeader(name, here(String(value)))
    }
    response.statusCode = recording.status
    const body = bodyOf(recording, pages, since)
    response.end(typeof body === 'string' ? here(body) : body)
  })

  return {
    origin: server.origin,
    requests,
    refuse: (token) => void refused.add(token),
    accept: (token) => void refused.delete(token),
    close: server.close,
  }
}

function load(scenarios: readonly string[] | undefined, file: string): readonly Recording[] {
  const root = join(dirname(require.resolve('@octokit/fixtures/package.json')), 'scenarios/api.github.com')
  return (scenarios ?? readdirSync(root).sort()).flatMap((scenario) => {
    const text = readFileSync(join(root, scenario, file), 'utf8')
    // The shape is that of nock recordings, which the package is made of.
    return (JSON.parse(text) as Recording[])
      .filter(({ scope }) => scope === `${github}:443`)
      .map((recording) => ({ ...recording, headers: recording.headers ?? inPairs(recording.rawHeaders ?? []) }))
  })
}

function inPairs(rawHeaders: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : [])),
  )
}

/** A page of a listing and those that follow it. */
function pagesFrom(recordings: readonly Recording[], first: Recording): readonly Recording[] {
  const pages = [first]
  for (;;) {
    const headers = Object.entries(pages.at(-1)?.headers ?? {})
    const link = String(headers.find(([name]) => name.toLowerCase() === 'link')?.[1] ?? '')
    const [, next] = /<([^>]+)>; *rel="next"/.exec(link) ?? []
    const page = recordings.find(({ method, path }) => method.toUpperCase() === 'GET' && `${github}${path}` === next)
    if (page === undefined || pages.includes(page)) return pages
    pages.push(page)
  }
}

function find(
  recordings: readonly Recording[],
  served: ReadonlySet<Recording>,
  method: string,
  url: URL,
  body: string,
): Recording | undefined {
  const candidates = recordings
    .filter((recording) => {
      const recorded = new URL(recording.path, github)
      return (
        recording.method.toUpperCase() === method &&
        recorded.pathname === url.pathname &&
        isDeepStrictEqual(selecting(recorded), selecting(url)) &&
        isDeepStrictEqual(recording.body === '' ? null : recording.body, parse(body))
      )
    })
    .map((recording) => ({ recording, shared: sharedShaping(new URL(recording.path, github), url) }))
  const most = Math.max(...candidates.map(({ shared }) => shared))
  const best = candidates.filter(({ shared }) => shared === most).map(({ recording }) => recording)
  return best.find((recording) => !served.has(recording)) ?? best.at(-1)
}

function selecting(url: URL): readonly (readonly [string, string])[] {
  return [...url.searchParams].filter(([name]) => !shaping.has(name)).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

function sharedShaping(recorded: URL, asked: URL): number {
  return [...shaping].filter((name) => {
    const value = recorded.searchParams.get(name)
    return value !== null && value === asked.searchParams.get(name)
  }).length
}

function parse(body: string): unknown {
  if (body === '') return null
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

function bodyOf(recording: Recording, pages: readonly Recording[], since: string | null): string | Buffer {
  const { response, responseIsBinary } = recording
  if (responseIsBinary) return Buffer.from(String(response), 'hex')
  if (typeof response === 'string') return response
  if (!Array.isArray(response) || since === null) return JSON.stringify(response)
  // The pages of a listing are lists.
  const items = pages.flatMap((page) => page.response as readonly { readonly updated_at?: unknown }[])
  return JSON.stringify(
    items.filter(({ updated_at }) => typeof updated_at !== 'string' || Date.parse(updated_at) >= Date.parse(since)),
  )
}
