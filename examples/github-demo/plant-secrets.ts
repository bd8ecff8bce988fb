import { randomBytes } from 'node:crypto'

/** Something that must never be readable outside of memory. */
export interface PlantedSecret {
  readonly name: string
  readonly bytes: Uint8Array
}

/** The secrets of the demo: random, so that finding one anywhere can be no coincidence. */
export interface PlantedSecrets {
  /** The application's encryption key: 32 random bytes in base64. */
  readonly encryptionKey: string
  readonly acme: TenantSecrets
  readonly globex: TenantSecrets & { readonly newToken: string }
  /** All of them, by name, to look for. */
  readonly all: readonly PlantedSecret[]
}

/** What one tenant brings along. */
export interface TenantSecrets {
  readonly token: string
  readonly webhookSecret: string
}

/** Makes new secrets. */
export function plantSecrets(): PlantedSecrets {
  // Tokens look like GitHub's: prefix and 36 characters.
  const token = () => `ghp_${randomBytes(18).toString('hex')}`
  const webhookSecret = () => `whsec_${randomBytes(20).toString('hex')}`
  const key = randomBytes(32)
  const acme = { token: token(), webhookSecret: webhookSecret() }
  const globex = { token: token(), webhookSecret: webhookSecret(), newToken: token() }
  const texts = {
    'encryption key': key.toString('base64'),
    'token of acme': acme.token,
    'webhook secret of acme': acme.webhookSecret,
    'token of globex': globex.token,
    'new token of globex': globex.newToken,
    'webhook secret of globex': globex.webhookSecret,
  }
  const all = Object.entries(texts).map(([name, text]) => ({ name, bytes: Buffer.from(text) }))
  return {
    encryptionKey: texts['encryption key'],
    acme,
    globex,
    all: [...all, { name: 'encryption key (bytes)', bytes: key }],
  }
}
