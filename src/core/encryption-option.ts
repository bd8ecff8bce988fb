import { z } from 'zod'
import { describeIssues } from './domain/describe-issues.ts'
import { keyIdPattern } from './domain/envelope.ts'
import { ConnectorsError } from './domain/errors.ts'
import { group } from './option-group.ts'
import type { Clock } from './ports/clock.ts'
import type { EncryptionKey, KeySource } from './ports/key-source.ts'
import { withinTime } from './services/within-time.ts'

/** How long a source may take. */
const sourceTimeoutMs = 30_000

const makeKey = 'credentials are never stored in plain text. Make a key with: openssl rand -base64 32'

/** 32 bytes in base64, of either alphabet. */
const is32Bytes = (text: string) => Buffer.from(text, 'base64').length === 32 && /^[A-Za-z0-9+/_-]{43}=?$/.test(text)

const encryptionKey = group({
  /** Names the key in sealed values; never reuse one for another key. */
  id: z.string().regex(keyIdPattern, 'must be 1 to 64 letters, digits, dashes or underscores'),
  /** 32 random bytes, as they are or in base64. */
  key: z
    .custom<string | Uint8Array>(
      (key) => (typeof key === 'string' ? is32Bytes(key) : key instanceof Uint8Array && key.length === 32),
      'must be 32 random bytes in base64, e.g. from: openssl rand -base64 32 (for a passphrase use { id, passphrase })',
    )
    .optional(),
  /** Instead of `key`: a long secret from which the key is derived with scrypt, once, at start. */
  passphrase: z.string().min(20, 'must have at least 20 characters').optional(),
  /** Instead of `key`: a key of Python's Fernet, which opens what django-bapp-connectors stored, and never seals. */
  fernet: z.string().refine(is32Bytes, 'must be a Fernet key: 32 bytes in url-safe base64, 44 characters').optional(),
}).refine(
  ({ key, passphrase, fernet }) => [key, passphrase, fernet].filter((given) => given !== undefined).length === 1,
  'needs either key or passphrase (or fernet, to open what Python stored)',
)

const encryptionKeys = z
  .array(encryptionKey)
  .min(1, `has no key: ${makeKey}`)
  .refine((keys) => new Set(keys.map((key) => key.id)).size === keys.length, 'has two keys with the same id')
  .refine(
    ([first]) => first?.fernet === undefined,
    'begins with a Fernet key, which only opens: put a key that seals before it',
  )

/** The option `encryption`: the keys, or where they come from. */
export const encryptionOption = group(
  {
    /** The first key seals; all of them open. */
    keys: encryptionKeys.optional(),
    /** Instead of `keys`: loads them, e.g. from a key management service. */
    source: z
      .custom<KeySource>((source) => typeof source === 'function', 'must be a function that answers keys')
      .optional(),
  },
  `is missing: ${makeKey}, and give { keys: [{ id, key }] }`,
)
  .refine(({ keys, source }) => keys !== undefined || source !== undefined, {
    path: ['keys'],
    message: `is missing: ${makeKey}, and give [{ id, key }]`,
  })
  .refine(({ keys, source }) => keys === undefined || source === undefined, {
    path: ['source'],
    message: 'is there beside keys: give one of them',
  })

/**
 * The configured keys, loaded if they come from a source.
 *
 * @throws {ConnectorsError} `KEYS_UNAVAILABLE` when the source fails, or doesn't answer for 30 seconds; `INVALID_OPTIONS` when it answers something else.
 */
export async function readEncryptionKeys(
  { keys, source }: z.output<typeof encryptionOption>,
  clock: Clock,
): Promise<readonly EncryptionKey[]> {
  if (source === undefined) return keys ?? []
  let loaded: unknown
  try {
    loaded = await withinTime(
      clock,
      sourceTimeoutMs,
      source(),
      () => new Error(`It didn't answer for ${sourceTimeoutMs / 1_000} seconds.`),
    )
  } catch (cause) {
    throw new ConnectorsError(
      'KEYS_UNAVAILABLE',
      'encryption.source could not load the keys. Nothing can be opened or sealed until it can; it is asked again with the next call.',
      { cause },
    )
  }
  const result = encryptionKeys.safeParse(loaded)
  if (result.success) return result.data
  throw new ConnectorsError(
    'INVALID_OPTIONS',
    `encryption.source answered something else than keys: ${describeIssues(result.error.issues, 'the answer')}`,
  )
}
