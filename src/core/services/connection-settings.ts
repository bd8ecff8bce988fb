import type { z } from 'zod'
import type { Connection } from '../domain/connection.ts'
import type { JsonObject } from '../domain/json.ts'
import type { AnyProvider } from '../domain/provider.ts'
import { encodeExactly, UnstorableValueError } from '../domain/sealed-json.ts'
import { fieldNamesOf, isSecretField } from '../domain/secret-field.ts'
import { isStorableJson } from '../domain/webhook-delivery.ts'
import type { SecretSealer } from './secret-sealer.ts'

/** What is wrong with some settings. */
export type SettingsIssue = Pick<z.core.$ZodIssue, 'path' | 'message'>

/** Settings in the form in which they are stored, or what is wrong with them. */
export type ParsedSettings =
  | { readonly config: JsonObject; readonly secrets: Readonly<Record<string, unknown>> }
  | { readonly config: null; readonly issues: readonly SettingsIssue[] }

type Stored = Pick<Connection, 'id' | 'tenantId' | 'config' | 'settingsEncrypted'>

/**
 * Parses settings for a connection. A secret is never shown, so a form can't give it back: one that is absent stays as it is
 * stored, and `null` takes it away (unless the provider's schema takes `null` for a value).
 *
 * What is stored are the settings as given: they are parsed again whenever an adapter is built, so that new defaults apply.
 */
export async function parseSettings(
  { settings: schema }: AnyProvider,
  given: unknown,
  stored: { readonly connection: Stored; readonly sealer: SecretSealer } | null,
): Promise<ParsedSettings> {
  if (!isObject(given)) return asStored(schema, given)
  const present = Object.entries(given).filter(([, value]) => value !== undefined)
  const kept = stored === null ? {} : await keptSecrets(schema, new Set(present.map(([name]) => name)), stored)
  const settings = { ...kept, ...Object.fromEntries(present) }
  const removed = present.filter(([name, value]) => value === null && isSecretField(schema, name))
  if (removed.length > 0 && !(await schema.safeParseAsync(settings)).success) {
    for (const [name] of removed) delete settings[name]
  }
  return asStored(schema, settings)
}

/** The settings of a connection, secret ones included, as they were given. */
export async function openSettings(
  connection: Stored,
  sealer: Pick<SecretSealer, 'openSettings'>,
): Promise<Readonly<Record<string, unknown>>> {
  return { ...connection.config, ...(await sealer.openSettings(connection)) }
}

/** The secret ones among some settings. */
export function secretsAmong(
  schema: z.ZodType,
  settings: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => isSecretField(schema, name)))
}

/** The stored secrets that are to stay. Those that were not declared secret when they were stored come from the rest. */
async function keptSecrets(
  schema: z.ZodType,
  given: ReadonlySet<string>,
  { connection, sealer }: { readonly connection: Stored; readonly sealer: SecretSealer },
): Promise<Record<string, unknown>> {
  const isNamed = (name: string) => given.has(name) || !isSecretField(schema, name)
  // What the schema doesn't name may be secret too.
  const areAllGiven = !isSecretField(schema, '') && fieldNamesOf(schema).every(isNamed)
  // Then the stored ones needn't open: that is how lost ones are replaced.
  if (areAllGiven) return {}
  const secrets = secretsAmong(schema, await openSettings(connection, sealer))
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => !given.has(name)))
}

async function asStored(schema: z.ZodType, settings: unknown): Promise<ParsedSettings> {
  const refuse = (message: string, path: readonly string[] = []): ParsedSettings => ({
    config: null,
    issues: [{ path: [...path], message }],
  })
  const parsed = await schema.safeParseAsync(settings)
  if (!parsed.success) return { config: null, issues: parsed.error.issues }
  const secrets = isObject(settings) ? secretsAmong(schema, settings) : {}
  const open = isObject(settings)
    ? Object.fromEntries(Object.entries(settings).filter(([name]) => !Object.hasOwn(secrets, name)))
    : settings
  try {
    encodeExactly(secrets)
  } catch (error) {
    if (!(error instanceof UnstorableValueError)) throw error
    return refuse(`is ${error.kind}, which can't be stored`, [error.path])
  }
  let config: JsonObject
  try {
    // The round trip takes over what JSON can hold, which is what the column can hold.
    config = JSON.parse(JSON.stringify(open)) as JsonObject
  } catch {
    return refuse('holds a value that JSON has no form for')
  }
  if (!isStorableJson(config)) {
    return refuse('holds what databases refuse: NUL, half a character, or more than 31 levels')
  }
  const again = await schema.safeParseAsync(isObject(settings) ? { ...config, ...secrets } : config)
  if (again.success) return { config, secrets }
  return {
    config: null,
    issues: again.error.issues.map(({ path }) => ({ path, message: 'is a value that JSON changes' })),
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
