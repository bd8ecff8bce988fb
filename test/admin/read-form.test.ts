import { expect, test } from 'vitest'
import { readForm } from '../../src/admin/read-form.ts'

/** A form of so many bytes that comes in pieces and doesn't tell its length; counts what was asked of it. */
function formOf(bytes: number) {
  const sent = { bytes: 0 }
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (sent.bytes >= bytes) return controller.close()
      const piece = Buffer.alloc(Math.min(65_536, bytes - sent.bytes), 'a')
      if (sent.bytes === 0) piece.write('name=')
      sent.bytes += piece.byteLength
      controller.enqueue(piece)
    },
  })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return { sent, request: new Request('http://ops.test/', { method: 'POST', body, headers, duplex: 'half' }) }
}

test('a form is read up to its limit, and no further, whatever length it tells', async () => {
  const { request } = formOf(1_048_576)
  expect(String((await readForm(request)).get('name'))).toHaveLength(1_048_576 - 'name='.length)
  const { request: endless, sent } = formOf(100_000_000)
  await expect(readForm(endless)).rejects.toThrow('The form is too long.')
  expect(sent.bytes).toBeLessThan(3_000_000)
})

test('what is no form is refused as such', async () => {
  const request = new Request('http://ops.test/', { method: 'POST', body: '{}' })
  await expect(readForm(request)).rejects.toThrow('It was not sent as a form.')
})
