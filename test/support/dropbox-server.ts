import type { ServerResponse } from 'node:http'
import { contentHash } from '../../src/providers/dropbox/content-hash.ts'
import { defineDropbox } from '../../src/providers/dropbox/define-dropbox.ts'
import { sendFakeAnswer } from '../../src/testing/fake-fault.ts'
import { type FakeProvider, type FakeRequest, startFakeProvider } from '../../src/testing/fake-provider.ts'

export const dropboxToken = 'sl.token-of-acme'
export const dropboxAccountId = 'dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc'

type Entry = Readonly<Record<string, unknown>> & { readonly '.tag': string; readonly path_lower: string }
type Argument = Readonly<Record<string, unknown>> & { readonly path?: string }

/** See {@link startDropboxServer}. */
export interface DropboxServer {
  readonly service: FakeProvider
  readonly provider: ReturnType<typeof defineDropbox>
  /** The forms that the token endpoint was sent. */
  readonly tokenRequests: Readonly<Record<string, string>>[]
  /** What uploads and downloads were asked with: the argument in their header, and the range. */
  readonly transfers: { readonly method: string; readonly argument: Argument; readonly range: string | undefined }[]
  /** Entries of a page at most. */
  pageSize: number
  /** Nothing happens where Dropbox would refuse: below a file, or in place of a folder. */
  put(path: string, content: string): void
  mkdir(path: string): void
  remove(path: string): void
  /** What is there, as paths are compared, sorted. */
  paths(): readonly string[]
  /** No cursor that was told so far is known any more. */
  forgetCursors(): void
  /** Changes the bytes that are sent. */
  spoil: ((bytes: Buffer) => Buffer) | null
}

/**
 * An account of Dropbox's on a loopback port, as https://www.dropbox.com/developers/documentation/http/documentation says.
 * Paths are the same in any case; a listing goes on with what has happened since.
 */
export async function startDropboxServer(): Promise<DropboxServer> {
  const entries = new Map<string, { readonly entry: Entry; readonly at: number; readonly content: string }>()
  const revisions = new Map<string, string>()
  let step = 0
  let epoch = 0
  let circles: string | null = null
  let goesRound = false

  const set = (entry: Entry, content = '') => entries.set(entry.path_lower, { entry, at: ++step, content })
  const names = (path: string) => ({
    name: path.split('/').at(-1) ?? '',
    path_display: path,
    path_lower: path.toLowerCase(),
  })
  const lookUp = (path = '') => {
    if (path.startsWith('id:')) return [...entries.values()].find(({ entry }) => entry.id === path)
    return entries.get(path.toLowerCase())
  }
  const file = (path: string, content: string) => {
    const known = lookUp(path)?.entry
    const rev = `0${(step + 1).toString(16).padStart(10, '0')}`
    revisions.set(rev, content)
    return {
      '.tag': 'file',
      ...names(path),
      id: known?.id ?? `id:${(step + 1).toString().padStart(22, 'a')}`,
      client_modified: '2026-01-31T12:00:00Z',
      server_modified: '2026-01-31T12:00:01Z',
      rev,
      size: Buffer.byteLength(content),
      is_downloadable: true,
      content_hash: contentHash(content),
    }
  }

  const folder = (path: string) => ({ '.tag': 'folder', ...names(path), id: `id:folder-${step + 1}` })

  /** Whether something of a kind can be at a path; the folders above it are made. */
  function isFree(path: string, kind: string): boolean {
    const above = path.split('/').slice(1, -1)
    const folders = above.map((_name, index) => `/${above.slice(0, index + 1).join('/')}`)
    if (folders.some((at) => lookUp(at)?.entry['.tag'] === 'file')) return false
    for (const at of folders) if (lookUp(at) === undefined) set(folder(at))
    const there = lookUp(path)?.entry['.tag']
    return there === undefined || (there === 'file' && kind === 'file')
  }

  function list(top: string, recursive: boolean, after: number, isFirst: boolean) {
    const key = top.toLowerCase()
    const isBelow = (path: string) =>
      path.startsWith(`${key}/`) && (recursive || !path.slice(key.length + 1).includes('/'))
    const later = [...entries.values()]
      .filter(({ entry, at }) => at > after && isBelow(entry.path_lower) && !(isFirst && entry['.tag'] === 'deleted'))
      .sort((a, b) => a.at - b.at)
    const page = later.slice(0, server.pageSize)
    const hasMore = page.length < later.length
    const position = hasMore ? (page.at(-1)?.at ?? after) : step
    const cursor = Buffer.from(JSON.stringify([epoch, top, recursive, position])).toString('base64url')
    return { entries: page.map(({ entry }) => entry), cursor, has_more: hasMore }
  }

  const failed = (status: number, summary: string, error: unknown = {}) => ({
    status,
    body: { error_summary: `${summary}/..`, error },
  })
  const good = (body: unknown) => ({ status: 200, body })

  function callOf(method: string, argument: Argument | null) {
    const { path = '' } = argument ?? {}
    switch (method) {
      case 'users/get_current_account':
        return good({ account_id: dropboxAccountId, email: 'ann@acme.test', name: { display_name: 'Ann' } })
      case 'files/list_folder':
        if (path !== '' && lookUp(path)?.entry['.tag'] !== 'folder') return failed(409, 'path/not_found')
        return good(list(path, argument?.recursive === true, 0, true))
      case 'files/list_folder/continue': {
        const told = (goesRound ? circles : null) ?? String(argument?.cursor)
        circles = told
        const [of, top, recursive, position] = JSON.parse(Buffer.from(told, 'base64url').toString()) as [
          number,
          string,
          boolean,
          number,
        ]
        return of === epoch ? good(list(top, recursive, position, false)) : failed(409, 'reset', { '.tag': 'reset' })
      }
      case 'files/get_metadata': {
        const found = lookUp(path)
        return found === undefined ? failed(409, 'path/not_found') : good(found.entry)
      }
      case 'files/delete_v2': {
        const found = lookUp(path)
        if (found === undefined) return failed(409, 'path_lookup/not_found')
        server.remove(found.entry.path_lower)
        return good({ metadata: found.entry })
      }
      default:
        return { status: 400, body: `Unknown API function: "${method}"` }
    }
  }

  function transfer({ url, headers, body }: FakeRequest, response: ServerResponse) {
    const text = String(headers['dropbox-api-arg'])
    const argument = JSON.parse(text) as Argument & { readonly mode?: unknown; readonly content_hash?: string }
    server.transfers.push({ method: url.slice('/2/'.length), argument, range: headers.range })
    if (url === '/2/files/upload') {
      const { path = '', mode, content_hash: told } = argument
      if (told !== contentHash(body)) return sendFakeAnswer(response, failed(409, 'content_hash_mismatch'))
      const known = lookUp(path)
      const isFree = known === undefined || mode === 'overwrite' || known.content === body
      const isExpected = typeof mode === 'object' && Object(mode).update === known?.entry.rev
      if (!isFree && !isExpected) return sendFakeAnswer(response, failed(409, 'path/conflict/file'))
      server.put(path, body)
      const { '.tag': _tag, ...made } = lookUp(path)?.entry ?? { '.tag': '' }
      return sendFakeAnswer(response, good(made))
    }
    const content = revisions.get(String(argument.path).replace(/^rev:/, ''))
    if (content === undefined) return sendFakeAnswer(response, failed(409, 'path/not_found'))
    const [, first = '0', last = '0'] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    const bytes = Buffer.from(content).subarray(Number(first), Number(last) + 1)
    response
      .writeHead(206, { 'content-type': 'application/octet-stream' })
      .end(server.spoil === null ? bytes : server.spoil(bytes))
  }

  const service = await startFakeProvider((request, response) => {
    const { url, headers, body } = request
    if (url === '/oauth2/token') {
      const form = Object.fromEntries(new URLSearchParams(body))
      server.tokenRequests.push(form)
      if (`${form.client_id}:${form.client_secret}` !== 'app-key:app-secret')
        return sendFakeAnswer(response, { status: 400, body: { error: 'invalid_client' } })
      const isRight = form.code === 'good' || form.refresh_token === 'refresh-of-acme'
      if (!isRight) return sendFakeAnswer(response, { status: 400, body: { error: 'invalid_grant' } })
      // https://developers.dropbox.com/oauth-guide: a refresh answers no refresh token.
      const first = {
        refresh_token: 'refresh-of-acme',
        uid: '12345',
        account_id: dropboxAccountId,
        scope: 'account_info.read',
      }
      const tokens = { access_token: dropboxToken, token_type: 'bearer', expires_in: 14_400 }
      return sendFakeAnswer(response, good(form.code === undefined ? tokens : { ...tokens, ...first }))
    }
    if (headers.authorization !== `Bearer ${dropboxToken}`) {
      return sendFakeAnswer(response, failed(401, 'invalid_access_token', { '.tag': 'invalid_access_token' }))
    }
    if (/^\/2\/files\/(up|down)load$/.test(url)) return transfer(request, response)
    return sendFakeAnswer(response, callOf(url.slice('/2/'.length), JSON.parse(body) as Argument | null))
  })

  const server: DropboxServer = {
    service: {
      ...service,
      goRoundInCircles() {
        goesRound = true
      },
    },
    provider: defineDropbox({ web: service.origin, api: service.origin, content: service.origin }),
    tokenRequests: [],
    transfers: [],
    pageSize: 40,
    put(path, content) {
      if (isFree(path, 'file')) set(file(path, content), content)
    },
    mkdir(path) {
      if (isFree(path, 'folder')) set(folder(path))
    },
    // One step, whatever is in it. It is told although something new takes the place.
    remove(path) {
      if (lookUp(path) === undefined) return
      const key = path.toLowerCase()
      for (const below of entries.keys()) if (below === key || below.startsWith(`${key}/`)) entries.delete(below)
      entries.set(`deleted:${key}`, { entry: { '.tag': 'deleted', ...names(path) }, at: ++step, content: '' })
    },
    paths: () =>
      [...entries.values()]
        .filter(({ entry }) => entry['.tag'] !== 'deleted')
        .map(({ entry }) => entry.path_lower)
        .sort(),
    forgetCursors() {
      epoch += 1
    },
    spoil: null,
  }
  return server
}
