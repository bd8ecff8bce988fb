import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { decryptString, encryptString, generateKey, parseKey } from '@47ng/cloak'
import fernet from 'fernet'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { systemRandomness } from '../../src/adapters/node/system-randomness.ts'
import { makeKeyring } from '../../src/core/services/keyring.ts'
import { createVault } from '../../src/core/services/vault.ts'
import { interleave } from '../support/interleave.ts'
import { report } from '../support/report.ts'
import { inAwaitedBatches } from '../support/work.ts'

// Seal and open a credential of three fields: object to text, and text to object.
const credential = { clientId: 'client-4711', clientSecret: randomBytes(24).toString('hex'), region: 'eu-central-1' }
const key = randomBytes(32)
const keyring = makeKeyring([{ id: 'bench', key: key.toString('base64') }])
const vault = createVault(() => keyring, systemRandomness)
const context = { tenant: 't1', connectionId: '0192f0c1a2b37c4d8e5f60718293a4b5', field: 'credentials' } as const
const cloakKey = generateKey()
const parsedCloakKey = await parseKey(cloakKey)
const fernetSecret = new fernet.Secret(key.toString('base64url'))

const contestants: Readonly<Record<string, () => Promise<unknown>>> = {
  'node:crypto': async () => {
    const nonce = randomBytes(12)
    const encryption = createCipheriv('aes-256-gcm', key, nonce)
    const text = JSON.stringify(credential)
    const sealed = Buffer.concat([nonce, encryption.update(text, 'utf8'), encryption.final(), encryption.getAuthTag()])
    const stored = sealed.toString('base64url')
    const bytes = Buffer.from(stored, 'base64url')
    const decryption = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
    decryption.setAuthTag(bytes.subarray(-16))
    return JSON.parse(Buffer.concat([decryption.update(bytes.subarray(12, -16)), decryption.final()]).toString())
  },
  'bapp-connectors': async () => vault.open(await vault.seal(credential, context), context),
  '@47ng/cloak': async () =>
    JSON.parse(await decryptString(await encryptString(JSON.stringify(credential), parsedCloakKey), parsedCloakKey)),
  jose: async () => {
    const text = new TextEncoder().encode(JSON.stringify(credential))
    const sealed = await new CompactEncrypt(text).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key)
    return JSON.parse(new TextDecoder().decode((await compactDecrypt(sealed, key)).plaintext))
  },
  fernet: async () => {
    const sealed = new fernet.Token({ secret: fernetSecret }).encode(JSON.stringify(credential))
    return JSON.parse(new fernet.Token({ secret: fernetSecret, token: sealed, ttl: 0 }).decode())
  },
}

for (const [name, run] of Object.entries(contestants)) {
  const opened = JSON.stringify(Object.entries((await run()) as object))
  if (opened !== JSON.stringify(Object.entries(credential)))
    throw new Error(`${name} does not give back what it got: ${opened}`)
}
const [first, ...others] = Object.entries(contestants).map(([name, run]) => ({ name, work: inAwaitedBatches(50, run) }))
if (first === undefined) throw new Error('Nobody takes part.')
const compared = await interleave([first, ...others], { rounds: 12, turnMs: 120 })
const own = compared.speed('bapp-connectors')
report({
  name: 'seal/raw',
  what: 'seal and open a credential of three fields: throughput',
  reference: 'node:crypto AES-256-GCM of the same JSON, without associated data or key ids',
  measured: own.ratio,
  unit: 'x',
  spread: own.spread,
  target: { atLeast: 0.7 },
  contenders: compared.contenders,
})
for (const name of ['@47ng/cloak', 'jose', 'fernet']) {
  report({
    name: `seal/${name.replace('@47ng/', '')}`,
    what: 'seal and open a credential of three fields: throughput',
    reference: name === 'jose' ? 'jose, JWE dir A256GCM' : name,
    measured: own.ratio / compared.speed(name).ratio,
    unit: 'x',
    spread: null,
    target: { atLeast: 1 },
    contenders: [],
  })
}
