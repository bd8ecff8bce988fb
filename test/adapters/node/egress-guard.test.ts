import type { LookupAddress } from 'node:dns'
import { describe, expect, it } from 'vitest'
import { createEgressGuard } from '../../../src/adapters/node/egress-guard.ts'

function lookup(
  addresses: readonly string[],
  all: boolean,
  options: { allowPrivateNetwork?: boolean | string[]; hostname?: string } = {},
) {
  const guard = createEgressGuard({
    ...options,
    resolve: (_hostname, _options, callback) => {
      const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
      callback(null, found)
    },
  })
  return new Promise<unknown>((resolve, reject) => {
    guard.lookup(options.hostname ?? 'shop.example', { all }, (error, address, family) => {
      if (error === null) resolve(all ? address : { address, family })
      else reject(error)
    })
  })
}

describe('the check before connecting', () => {
  const guard = createEgressGuard()

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
  ])('refuses the literal in %s', (url) => {
    expect(() => guard.check(new URL(url))).toThrow(expect.objectContaining({ code: 'EGRESS_REFUSED' }))
  })

  it.each(['https://localhost/', 'https://metadata.google.internal./', 'https://vault/', 'https://db.svc/'])(
    'refuses the internal name in %s, before any lookup',
    (url) => {
      expect(() => guard.check(new URL(url))).toThrow(expect.objectContaining({ code: 'EGRESS_REFUSED' }))
    },
  )

  it.each(['http://api.github.com/', 'ftp://api.github.com/', 'file:///etc/passwd'])(
    'refuses the scheme of %s',
    (url) => {
      expect(() => guard.check(new URL(url))).toThrow(expect.objectContaining({ code: 'EGRESS_REFUSED' }))
    },
  )

  it('lets names and public literals pass over https', () => {
    guard.check(new URL('https://api.github.com/'))
    guard.check(new URL('https://140.82.121.6/'))
  })

  it('lets http and private literals pass where private networks are allowed', () => {
    const open = createEgressGuard({ allowPrivateNetwork: true })
    open.check(new URL('http://127.0.0.1:8080/'))
    expect(() => open.check(new URL('file:///etc/passwd'))).toThrow(expect.objectContaining({ code: 'EGRESS_REFUSED' }))
  })
})

describe('a list of what is allowed', () => {
  const guard = createEgressGuard({
    allowPrivateNetwork: ['Erp.internal', '10.1.0.0/16', '192.168.7.7', 'fd00:7::/32'],
  })
  const refused = expect.objectContaining({ code: 'EGRESS_REFUSED' })

  it.each([
    'http://erp.internal/',
    'https://ERP.internal.:8443/',
    'http://10.1.2.3/',
    'http://[fd00:7::1]/',
    'https://crm.corp/',
  ])('lets %s pass', (url) => guard.check(new URL(url)))

  it.each([
    'http://api.github.com/',
    'https://10.2.0.1/',
    'http://crm.corp/',
    'https://192.168.7.8/',
    'https://127.0.0.1/',
    'https://169.254.169.254/',
  ])('still refuses %s', (url) => expect(() => guard.check(new URL(url))).toThrow(refused))

  it('lets an internal name lead to an address on it, and to no other, be it a public one', async () => {
    const allowPrivateNetwork = ['10.1.0.0/16']
    expect(await lookup(['10.1.0.7'], false, { allowPrivateNetwork })).toMatchObject({ address: '10.1.0.7' })
    for (const addresses of [['10.2.0.7'], ['10.1.0.7', '127.0.0.1']]) {
      await expect(lookup(addresses, true, { allowPrivateNetwork })).rejects.toMatchObject({ code: 'EGRESS_REFUSED' })
    }
    await expect(
      lookup(['140.82.121.6'], true, { allowPrivateNetwork, hostname: 'printer.local' }),
    ).rejects.toMatchObject({
      code: 'EGRESS_REFUSED',
    })
  })
})

describe('the lookup', () => {
  it('answers all public addresses, or the first, as asked', async () => {
    expect(await lookup(['140.82.121.6', '2606:4700::1'], true)).toEqual([
      { address: '140.82.121.6', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ])
    expect(await lookup(['140.82.121.6', '2606:4700::1'], false)).toEqual({ address: '140.82.121.6', family: 4 })
  })

  it('refuses a name as soon as one of its addresses is not public', async () => {
    const refusal = { code: 'EGRESS_REFUSED', message: expect.stringContaining('10.0.0.7') }
    await expect(lookup(['140.82.121.6', '10.0.0.7'], true)).rejects.toMatchObject(refusal)
    await expect(lookup(['140.82.121.6', '10.0.0.7'], false)).rejects.toMatchObject(refusal)
  })

  it('answers private addresses where private networks are allowed', async () => {
    expect(await lookup(['10.0.0.7'], false, { allowPrivateNetwork: true })).toEqual({ address: '10.0.0.7', family: 4 })
  })

  it('fails for a name without addresses', async () => {
    await expect(lookup([], true)).rejects.toThrow('has no address')
  })
})
