import type { PlantedSecret } from './plant-secrets.ts'

/** Something to look for secrets in. */
export interface Haystack {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Says which secrets lie where: in clear, or in a spelling that anybody can undo (hex, base64, UTF-16). */
export function findSecrets(secrets: readonly PlantedSecret[], haystacks: readonly Haystack[]): readonly string[] {
  return secrets.flatMap((secret) => {
    const spellings = spellingsOf(secret.bytes)
    return haystacks
      .map(({ name, bytes }) => ({ name, buffer: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) }))
      .filter(({ buffer }) => spellings.some((spelling) => buffer.includes(spelling)))
      .map(({ name }) => `${secret.name} in ${name}`)
  })
}

function spellingsOf(bytes: Uint8Array): readonly Buffer[] {
  const secret = Buffer.from(bytes)
  const hex = secret.toString('hex')
  return [
    secret,
    Buffer.from(secret.toString('latin1'), 'utf16le'),
    Buffer.from(hex),
    Buffer.from(hex.toUpperCase()),
    ...[0, 1, 2].flatMap((before) => {
      // As part of a longer text: the characters that depend on nothing but the secret, by its position in a triple.
      const start = (3 - before) % 3
      const inner = secret.subarray(start, start + Math.floor((secret.length - start) / 3) * 3)
      return [Buffer.from(inner.toString('base64')), Buffer.from(inner.toString('base64url'))]
    }),
  ]
}
