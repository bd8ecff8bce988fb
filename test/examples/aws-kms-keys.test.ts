import { createConnectors } from 'bapp-connectors'
import { memoryRepositories } from 'bapp-connectors/memory'
import { expect, test } from 'vitest'
import { awsKmsKeys, type KmsLike } from '../../examples/aws-kms-keys.ts'
import { shop } from '../support/shop-provider.ts'

/** A KMS that "encrypts" by turning all bits, and insists on the context. */
function fakeKms(): KmsLike & { readonly asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    decrypt: async ({ CiphertextBlob, EncryptionContext }) => {
      asked.push(EncryptionContext.keyId ?? '')
      if (EncryptionContext.purpose !== 'bapp-connectors') throw new Error('InvalidCiphertextException')
      return { Plaintext: CiphertextBlob.map((byte) => byte ^ 0xff) }
    },
  }
}

test('data keys that KMS decrypts seal and open', async () => {
  const kms = fakeKms()
  const encrypted = (byte: number) => Buffer.alloc(32, byte).toString('base64')
  const repositories = memoryRepositories<string>()
  const open = (...ids: readonly string[]) =>
    createConnectors(repositories, {
      providers: [shop],
      encryption: {
        source: awsKmsKeys(
          kms,
          ids.map((id) => ({ id, encrypted: encrypted(Number(id.slice(1))) })),
        ),
      },
    })
  const first = open('k1')
  await first.forTenant('acme').connections.create(shop, {
    credentials: { token: 't' },
    settings: { url: 'https://shop.example.com' },
  })
  await first.close()
  const second = open('k2', 'k1')
  await expect(second.operator.credentials.reencrypt()).resolves.toMatchObject({
    status: 'completed',
    resealedCount: 1,
  })
  await second.operator.credentials.assertUnused('k1')
  await second.close()
  expect(kms.asked).toEqual(['k1', 'k2', 'k1'])
})
