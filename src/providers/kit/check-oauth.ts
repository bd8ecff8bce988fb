import type { z } from 'zod'
import type { ClientAuthentication, OAuthDefinition } from '../../core/domain/oauth.ts'
import { fieldNamesOf } from '../../core/domain/secret-field.ts'
import { invalidProvider } from './invalid-provider.ts'

const keys: ReadonlySet<string> = new Set(
  Object.keys({
    server: true,
    scopes: true,
    scopeSeparator: true,
    pkce: true,
    clientAuthentication: true,
    authorizeParameters: true,
    tokenParameters: true,
    quirks: true,
    fixedSettings: true,
    checkCallback: true,
    credentials: true,
    tokens: true,
    account: true,
  } satisfies Record<keyof OAuthDefinition<unknown, unknown, unknown, unknown>, true>),
)

const clientAuthentications: readonly unknown[] = [
  'client_secret_basic',
  'client_secret_post',
  'none',
] satisfies readonly ClientAuthentication[]

/** @throws {ConnectorsError} `INVALID_PROVIDER`, naming the mistake in a declaration of OAuth. */
export function checkOAuth(who: string, oauth: unknown, settings: z.ZodType | undefined): void {
  if (!isRecord(oauth)) throw invalidProvider(who, '`oauth` must be an object')
  for (const key of Object.keys(oauth)) {
    if (!keys.has(key)) throw invalidProvider(who, `there is no \`oauth.${key}\`; there are: ${[...keys].join(', ')}`)
  }
  const { server, scopes = [], scopeSeparator = ' ', pkce = true, clientAuthentication, fixedSettings = [] } = oauth
  if (typeof server !== 'function') checkServer(who, server)
  for (const name of ['credentials', 'tokens', 'account']) {
    if (typeof oauth[name] !== 'function') throw invalidProvider(who, `\`oauth.${name}\` must be a function`)
  }
  if (oauth.checkCallback !== undefined && typeof oauth.checkCallback !== 'function') {
    throw invalidProvider(who, '`oauth.checkCallback` must be a function')
  }
  if (!isTextList(scopes)) throw invalidProvider(who, '`oauth.scopes` must list texts')
  if (typeof scopeSeparator !== 'string') throw invalidProvider(who, '`oauth.scopeSeparator` must be a text')
  if (typeof pkce !== 'boolean') throw invalidProvider(who, '`oauth.pkce` must be true or false')
  if (clientAuthentication !== undefined && !clientAuthentications.includes(clientAuthentication)) {
    throw invalidProvider(who, `\`oauth.clientAuthentication\` must be one of ${clientAuthentications.join(', ')}`)
  }
  for (const name of ['authorizeParameters', 'tokenParameters']) {
    const parameters = oauth[name] ?? {}
    if (!isRecord(parameters) || !isTextList(Object.values(parameters))) {
      throw invalidProvider(who, `\`oauth.${name}\` must be an object of texts`)
    }
  }
  checkQuirks(who, oauth.quirks)
  const known = settings === undefined ? [] : fieldNamesOf(settings)
  if (!isTextList(fixedSettings) || !fixedSettings.every((name) => known.includes(name))) {
    throw invalidProvider(who, `\`oauth.fixedSettings\` must list settings; there are: ${known.join(', ') || 'none'}`)
  }
}

function checkServer(who: string, server: unknown): void {
  const { authorizationUrl, tokenUrl, issuer } = isRecord(server) ? server : {}
  const hasEndpoints = isUrl(authorizationUrl) && isUrl(tokenUrl) && (issuer === undefined || isUrl(issuer))
  const isDiscovered = authorizationUrl === undefined && tokenUrl === undefined && isUrl(issuer)
  if (hasEndpoints || isDiscovered) return
  throw invalidProvider(
    who,
    '`oauth.server` must be { authorizationUrl, tokenUrl, issuer? } or { issuer }, each an absolute URL, or a function of the settings that makes it',
  )
}

function checkQuirks(who: string, quirks: unknown): void {
  if (quirks === undefined) return
  const isSound =
    isRecord(quirks) &&
    Object.keys(quirks).every((key) => key === 'lacksTokenType' || key === 'rewrite') &&
    (quirks.lacksTokenType === undefined || typeof quirks.lacksTokenType === 'boolean') &&
    (quirks.rewrite === undefined || typeof quirks.rewrite === 'function')
  if (!isSound) throw invalidProvider(who, '`oauth.quirks` must be { lacksTokenType?: boolean, rewrite?: function }')
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
