import type { z } from 'zod'
import type { ParsedWebhookEvent } from '../../core/domain/provider.ts'
import { fieldNamesOf } from '../../core/domain/secret-field.ts'
import { checkOAuth } from './check-oauth.ts'
import { checkSignature } from './check-signature.ts'
import type { ProviderDefinition } from './define-provider.ts'
import { invalidProvider } from './invalid-provider.ts'

type AnyDefinition = ProviderDefinition<
  string,
  string,
  z.ZodType,
  z.ZodType,
  object,
  object,
  ParsedWebhookEvent,
  string
>

const namePattern = /^[a-z][a-z0-9-]{0,62}$/
const resourcePattern = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/

// An object, so that the compiler sees to it that none is missing.
const keys: ReadonlySet<string> = new Set(
  Object.keys({
    family: true,
    name: true,
    familyPresentation: true,
    label: true,
    version: true,
    description: true,
    docsUrl: true,
    icon: true,
    allowMultiple: true,
    credentials: true,
    settings: true,
    rateLimit: true,
    http: true,
    adapter: true,
    implements: true,
    test: true,
    resources: true,
    choices: true,
    webhooks: true,
    subscriptions: true,
    oauth: true,
  } satisfies Record<keyof AnyDefinition, true>),
)

/**
 * Refuses a definition that breaks a rule. Checked at run time too: definitions are also written in JavaScript, and types
 * don't see the pattern of a name.
 *
 * @throws {ConnectorsError} `INVALID_PROVIDER`, naming the mistake.
 */
export function checkDefinition(definition: unknown): void {
  if (!isRecord(definition)) throw invalidProvider('A provider', 'the definition must be an object')
  const { family, name, label, credentials, settings, rateLimit, http, adapter, test } = definition
  const { implements: methods, resources = {}, choices = {}, webhooks } = definition
  for (const [field, value] of Object.entries({ family, name })) {
    if (typeof value !== 'string' || !namePattern.test(value)) {
      throw invalidProvider(
        `Provider ${String(name)}`,
        `\`${field}\` must be 1 to 63 lower-case letters, digits and dashes, beginning with a letter; got ${JSON.stringify(value)}`,
      )
    }
  }
  const who = `Provider ${String(family)}/${String(name)}`
  for (const key of Object.keys(definition)) {
    if (!keys.has(key)) throw invalidProvider(who, `there is no \`${key}\`; there are: ${[...keys].join(', ')}`)
  }
  if (!isText(label)) throw invalidProvider(who, '`label` must be a text for people')
  checkCatalogEntries(who, definition)
  if (!isSchema(credentials)) throw invalidProvider(who, '`credentials` must be a zod 4 schema')
  if (settings !== undefined && !isSchema(settings)) throw invalidProvider(who, '`settings` must be a zod 4 schema')
  if (!isRecord(http) || typeof http.baseUrl !== 'function' || typeof http.auth !== 'function') {
    throw invalidProvider(who, '`http` must have the functions `baseUrl` and `auth`')
  }
  if (typeof adapter !== 'function') throw invalidProvider(who, '`adapter` must be a function that makes the adapter')
  if (typeof test !== 'function') throw invalidProvider(who, '`test` must be a function that makes the cheapest call')
  checkRateLimit(who, rateLimit)
  if (methods !== undefined && !isTextList(methods))
    throw invalidProvider(who, '`implements` must list names of methods')
  if (!isRecord(resources)) throw invalidProvider(who, '`resources` must be an object')
  for (const [key, value] of Object.entries(resources)) {
    if (!resourcePattern.test(key)) {
      throw invalidProvider(
        who,
        `the resource name ${JSON.stringify(key)} must be letters, digits, dashes and underscores`,
      )
    }
    if (!isRecord(value) || typeof value.fetch !== 'function' || typeof value.incremental !== 'boolean') {
      throw invalidProvider(who, `resource \`${key}\` must have a boolean \`incremental\` and a function \`fetch\``)
    }
    if (value.label !== undefined && !isText(value.label)) {
      throw invalidProvider(who, `the \`label\` of resource \`${key}\` must be a text for people`)
    }
  }
  checkChoices(who, choices, [...fieldNamesOf(credentials), ...(settings === undefined ? [] : fieldNamesOf(settings))])
  if (webhooks !== undefined) checkWebhooks(who, webhooks)
  if (definition.oauth !== undefined) checkOAuth(who, definition.oauth, settings)
  if (definition.subscriptions !== undefined) checkSubscriptions(who, definition.subscriptions, webhooks)
}

function checkWebhooks(who: string, webhooks: unknown): void {
  if (!isRecord(webhooks) || typeof webhooks.eventType !== 'function' || typeof webhooks.parse !== 'function') {
    throw invalidProvider(who, '`webhooks` must have the functions `eventType` and `parse`')
  }
  const { signature, deliveryId, eventTypes = [] } = webhooks
  for (const name of ['challenge', 'split', 'orderKey', 'accounts']) {
    if (webhooks[name] !== undefined && typeof webhooks[name] !== 'function') {
      throw invalidProvider(who, `\`webhooks.${name}\` must be a function`)
    }
  }
  if (!isTextList(eventTypes)) throw invalidProvider(who, '`webhooks.eventTypes` must list types of events')
  checkSignature(who, { signature, deliveryId })
}

function checkSubscriptions(who: string, subscriptions: unknown, webhooks: unknown): void {
  const verbs = ['list', 'put', 'remove'] as const
  if (!isRecord(subscriptions) || !verbs.every((verb) => typeof subscriptions[verb] === 'function')) {
    throw invalidProvider(who, '`subscriptions` must have the functions `list`, `put` and `remove`')
  }
  if (subscriptions.secret !== 'given' && subscriptions.secret !== 'told') {
    throw invalidProvider(who, '`subscriptions.secret` must be "given" or "told"')
  }
  if (webhooks === undefined) throw invalidProvider(who, '`subscriptions` are of no use without `webhooks`')
}

function checkCatalogEntries(who: string, definition: Record<string, unknown>): void {
  const { docsUrl, familyPresentation } = definition
  if (familyPresentation !== undefined) {
    const isSound = isRecord(familyPresentation) && Object.entries(familyPresentation).every(isPresented)
    if (!isSound) throw invalidProvider(who, '`familyPresentation` must be { label?, icon?, color? }, each a text')
  }
  for (const key of ['version', 'description', 'docsUrl', 'icon']) {
    const value = definition[key]
    if (value !== undefined && !isText(value)) throw invalidProvider(who, `\`${key}\` must be a text`)
  }
  // It becomes a link.
  if (docsUrl !== undefined && !/^https?:\/\//.test(String(docsUrl))) {
    throw invalidProvider(who, '`docsUrl` must be an absolute http or https URL')
  }
}

function checkRateLimit(who: string, rateLimit: unknown): void {
  if (rateLimit === undefined) return
  const isPositive = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value > 0
  if (!isRecord(rateLimit) || !isPositive(rateLimit.requestsPerSecond)) {
    throw invalidProvider(who, '`rateLimit.requestsPerSecond` must be a number above 0')
  }
  const { burst } = rateLimit
  if (burst !== undefined && !(Number.isInteger(burst) && isPositive(burst))) {
    throw invalidProvider(who, '`rateLimit.burst` must be a whole number from 1')
  }
}

function checkChoices(who: string, choices: unknown, fields: readonly string[]): void {
  if (!isRecord(choices)) throw invalidProvider(who, '`choices` must be an object of functions, by field')
  for (const [name, load] of Object.entries(choices)) {
    if (typeof load !== 'function') throw invalidProvider(who, `\`choices.${name}\` must be a function`)
    if (!fields.includes(name)) {
      throw invalidProvider(
        who,
        `\`choices.${name}\` is for no field of \`credentials\` or \`settings\`; there are: ${fields.join(', ')}`,
      )
    }
  }
}

function isPresented([key, value]: [string, unknown]): boolean {
  return ['label', 'icon', 'color'].includes(key) && (value === undefined || isText(value))
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isSchema(value: unknown): value is z.ZodType {
  return isRecord(value) && typeof value.safeParse === 'function' && '_zod' in value
}
