import { createHash } from 'node:crypto'
import { contentHash, createContentHash } from 'bapp-connectors/providers/dropbox'
import { expect, test } from 'vitest'

const mebibyte = 1024 * 1024

// Of as many A as are told: what rclone's own implementation is tested with (backend/dropbox/dbhash).
test.each([
  [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [1, '1cd6ef71e6e0ff46ad2609d403dc3fee244417089aa4461245a4e4fe23a55e42'],
  [4096, '8620913d33852befe09f16fff8fd75f77a83160d29f76f07e0276e9690903035'],
  [4 * mebibyte - 1, '647c8627d70f7a7d13ce96b1e7710a771a55d41a62c3da490d92e56044d311fa'],
  [4 * mebibyte, 'd4d63bac5b866c71620185392a8a6218ac1092454a2d16f820363b69852befa3'],
  [4 * mebibyte + 1, '8f553da8d00d0bf509d8470e242888be33019c20c0544811f5b2b89e98360b92'],
  [8 * mebibyte, 'e08b3ba1f538804075c5f939accdeaa9efc7b5c01865c94a41e78ca6550a88e7'],
  [8 * mebibyte + 1, '02c8a4aefc2bfc9036f89a7098001865885938ca580e5c9e5db672385edd303c'],
])('the hash of %i bytes is Dropbox’s, in whatever parts they come', (length, expected) => {
  const bytes = Buffer.alloc(length, 'A')
  expect(contentHash(bytes)).toBe(expected)
  const hash = createContentHash()
  for (let at = 0; at < length; at += 3 * mebibyte + 7) hash.update(bytes.subarray(at, at + 3 * mebibyte + 7))
  expect(hash.digest()).toBe(expected)
})

test('the hashes of blocks are put together as in the example of Dropbox’s documentation', () => {
  // https://www.dropbox.com/developers/reference/content-hash: a picture of 9,711,423 bytes, which isn't kept here.
  const blocks = [
    '2a846fa617c3361fc117e1c5c1e1838c336b6a5cef982c1a2d9bdf68f2f1992a',
    'c68469027410ea393eba6551b9fa1e26db775f00eae70a0c3c129a0011a39cf9',
    '7376192de020925ce6c5ef5a8a0405e931b0a9a8c75517aacd9ca24a8a56818b',
  ]
  const published = '485291fa0ee50c016982abbfa943957bcd231aae0492ccbaa22c58e3997b35e0'
  const whole = createHash('sha256')
    .update(Buffer.from(blocks.join(''), 'hex'))
    .digest('hex')
  expect(whole).toBe(published)
})

test('a text is taken as UTF-8', () => {
  expect(contentHash('Grüße')).toBe(contentHash(Buffer.from('Grüße')))
})
