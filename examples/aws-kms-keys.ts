import type { KeySource } from 'bapp-connectors'

/** As much of AWS KMS as is needed: `new KMS()` of `@aws-sdk/client-kms` fits. */
export interface KmsLike {
  readonly decrypt: (input: {
    CiphertextBlob: Uint8Array
    EncryptionContext: Record<string, string>
  }) => Promise<{ Plaintext?: Uint8Array | undefined }>
}

/** A key as it is kept in the configuration: only KMS can decrypt it. */
export interface EncryptedDataKey {
  readonly id: string
  /**
   * `CiphertextBlob` of `kms.generateDataKey({ KeyId, KeySpec: 'AES_256', EncryptionContext: { purpose: 'bapp-connectors', keyId: id } })`,
   * in base64.
   */
  readonly encrypted: string
}

/** Loads data keys that KMS encrypted, the active one first. */
export function awsKmsKeys(kms: KmsLike, dataKeys: readonly EncryptedDataKey[]): KeySource {
  return () =>
    Promise.all(
      dataKeys.map(async ({ id, encrypted }) => {
        const { Plaintext } = await kms.decrypt({
          CiphertextBlob: Buffer.from(encrypted, 'base64'),
          EncryptionContext: { purpose: 'bapp-connectors', keyId: id },
        })
        if (Plaintext === undefined) throw new Error(`KMS answered no plaintext for the data key ${id}.`)
        return { id, key: Plaintext }
      }),
    )
}
