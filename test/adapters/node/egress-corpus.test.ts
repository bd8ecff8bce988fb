import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createEgressGuard, type Resolve } from '../../../src/adapters/node/egress-guard.ts'

/** What the system's resolver would answer: names that lead inside, and literals that it understands itself. */
const zone: Readonly<Record<string, readonly string[]>> = {
  'rebind.attacker.example': ['93.184.215.14', '127.0.0.1'],
  'loopback.attacker.example': ['127.0.0.1'],
  'loopback6.attacker.example': ['::1'],
  'mapped.attacker.example': ['::ffff:10.0.0.1'],
  'metadata.attacker.example': ['169.254.169.254'],
  'nat64.attacker.example': ['64:ff9b::a9fe:a9fe'],
  'sixtofour.attacker.example': ['2002:7f00:1::'],
  'ula.attacker.example': ['fd00:ec2::254'],
  'azure.attacker.example': ['168.63.129.16'],
  'zero.attacker.example': ['0.0.0.0'],
  '127.0.0.1.nip.io': ['127.0.0.1'],
  'localtest.me': ['127.0.0.1'],
}
const resolve: Resolve = (hostname, _options, callback) => {
  const addresses = zone[hostname.toLowerCase().replace(/\.$/, '')] ?? ['93.184.215.14']
  callback(
    null,
    addresses.map((address): LookupAddress => ({ address, family: isIP(address) })),
  )
}

/** Goes the way of a socket, up to the point where it would connect: literals need no lookup, names do. */
async function reach(text: string): Promise<'connects' | 'refused' | 'no url'> {
  if (!URL.canParse(text)) return 'no url'
  const guard = createEgressGuard({ resolve })
  const url = new URL(text)
  try {
    guard.check(url)
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    if (isIP(host) !== 0) return 'connects'
    return await new Promise((settle, fail) => {
      guard.lookup(host, { all: true }, (error) => (error === null ? settle('connects') : fail(error)))
    })
  } catch (error) {
    expect(error).toMatchObject({ code: 'EGRESS_REFUSED' })
    return 'refused'
  }
}

const hosts = [
  // loopback: dotted, short, decimal, octal, hex, mixed, padded, beyond the first address
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.127.127.127',
  '127.0.0.1.',
  '2130706433',
  '2130706433.',
  '017700000001',
  '0x7f000001',
  '0X7F000001',
  '0x7f.0x0.0x0.0x1',
  '0x7f.1',
  '0x7F.0.0.1',
  '0177.0.0.1',
  '0177.1',
  '0177.0.0.01',
  '00177.0.0.1',
  '127.0x0.0.1',
  '127.0.0x1',
  '0x7f.0.00.01',
  '127.00.00.01',
  '127.0.0.255',
  '127.255.255.254',
  '2130706434',
  '0x7f.65535',
  '0000000177.0.0.1',
  '0x0000007f.1',
  '127.0.0.0x01',
  '017700000002',
  // nothing at all
  '0',
  '0.0.0.0',
  '0x0',
  '00',
  '0.0',
  '0.1.2.3',
  '000.000.000.000',
  '0x00000000',
  // private
  '10.0.0.1',
  '10.1',
  '10.255.255.255',
  '167772161',
  '0xa000001',
  '012.0.0.1',
  '0xa.1',
  '172.16.0.1',
  '172.31.255.255',
  '2886729729',
  '0xac100001',
  '192.168.0.1',
  '192.168.1',
  '3232235521',
  '0xc0a80001',
  '0300.0250.0.1',
  '192.168.257',
  // link-local and metadata
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '169.254.43518',
  '0xa9.0xfe.0xa9.0xfe',
  '169.16689662',
  '0251.254.169.254',
  '169.254.169.254.',
  '169.254.0.1',
  '169.254.170.2',
  '025177524776',
  '168.63.129.16',
  // shared, documentation, benchmark, relays, multicast, reserved, broadcast
  '100.64.0.1',
  '100.100.100.200',
  '100.127.255.254',
  '192.0.0.1',
  '192.0.0.192',
  '192.0.2.1',
  '198.51.100.7',
  '203.0.113.9',
  '198.18.0.1',
  '198.19.255.254',
  '192.88.99.1',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  '4294967295',
  '0xffffffff',
  // IPv6
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[0000:0000:0000:0000:0000:0000:0000:0001]',
  '[::0001]',
  '[::ffff:127.0.0.1]',
  '[::FFFF:7F00:1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
  '[::ffff:0:127.0.0.1]',
  '[::127.0.0.1]',
  '[::7f00:1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:a9fe:a9fe]',
  '[::ffff:169.254.169.254]',
  '[::ffff:100.64.0.1]',
  '[::ffff:0.0.0.0]',
  '[64:ff9b::127.0.0.1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::a00:1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2002:a00:1::1]',
  '[2001:0:7f00:1::]',
  '[2001::1]',
  '[fe80::1]',
  '[fe80::a9fe:a9fe]',
  '[febf::1]',
  '[fe80::1%25eth0]',
  '[fe80::1%eth0]',
  '[::1%25lo]',
  '[fec0::1]',
  '[fc00::1]',
  '[fd00::1]',
  '[fd00:ec2::254]',
  '[FD12:3456:789A::1]',
  '[ff02::1]',
  '[ff0e::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[2001:2::1]',
  '[2001:10::1]',
  '[100::1]',
  '[5f00::1]',
  '[4000::1]',
  '[::2]',
  // names
  'localhost',
  'LOCALHOST',
  'LocalHost',
  'localhost.',
  'localhost..',
  'foo.localhost',
  'a.b.localhost.',
  'localhost.localdomain',
  'metadata.google.internal',
  'METADATA.google.INTERNAL',
  'metadata.google.internal.',
  'metadata',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
  'ip-10-0-0-1.ec2.internal',
  'printer.local',
  'db.cluster.local',
  'router.lan',
  'kubernetes.default.svc',
  'kubernetes',
  'vault',
  'intranet',
  'wiki.corp',
  'nas.home.arpa',
  'host.docker.internal',
  ...Object.keys(zone),
  'LoopBack.Attacker.Example',
  'loopback.attacker.example.',
  '127.0.0.1.nip.io.',
  // other alphabets that browsers and resolvers fold into the same
  '①②⑦.⓪.⓪.①',
  '⑯⑨.②⑤④.⑯⑨.②⑤④',
  '１２７.０.０.１',
  '127。0。0。1',
  '127．0．0．1',
  '127｡0｡0｡1',
  '１２７。１',
  '０x7f.1',
  'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
  'ｌｏｃａｌｈｏｓｔ',
  'localhoſt',
  '𝟏𝟐𝟕.𝟎.𝟎.𝟏',
  '127\u00ad.0.0.1',
  '127\u200b.0.0.1',
  'local\u00adhost',
  // percent-encoded
  '%31%32%37.0.0.1',
  '127%2e0%2e0%2e1',
  '%6c%6f%63%61%6c%68%6f%73%74',
  '%30x7f.1',
  '127.0.0.%31',
  'localhost%2e',
  '%e2%91%a0%e2%91%a1%e2%91%a6.1',
]

const spellings = [
  ...hosts.map((host) => `https://${host}/`),
  // users, ports, slashes, white space
  'https://api.github.com@127.0.0.1/',
  'https://api.github.com:443@127.0.0.1/',
  'https://user:pass@[::1]/',
  'https://127.0.0.1:443/',
  'https://127.0.0.1:8443/',
  'https://127.0.0.1:00443/',
  'https://[::1]:443/',
  'https://api.github.com%40127.0.0.1/',
  'https://127.0.0.1#@api.github.com/',
  'https://127.0.0.1?@api.github.com/',
  'https://127.0.0.1\\@api.github.com/',
  'https:\\\\127.0.0.1\\',
  'https:/127.0.0.1/',
  'https:127.0.0.1',
  'https:///127.0.0.1/',
  'https:////127.0.0.1/',
  'hTTps://127.1/',
  ' https://127.0.0.1/ ',
  'ht\ttps://127.0.0.1/',
  'https://127.0.\n0.1/',
  'https://127.0.0.1\t/',
  'https://@127.0.0.1/',
  'https://:@127.0.0.1/',
  // schemes
  'http://api.github.com/',
  'http://127.0.0.1/',
  'HTTP://api.github.com/',
  'ftp://api.github.com/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_',
  'ws://api.github.com/',
  'wss://api.github.com/',
  'data:text/plain,x',
  'javascript:0',
  'blob:https://api.github.com/x',
  'unix:/var/run/docker.sock',
  'dict://127.0.0.1:11211/',
  'ldap://127.0.0.1/',
  'jar:https://127.0.0.1!/',
  'http://unix:/var/run/docker.sock',
]

const legitimate = [
  'api.github.com',
  'API.GitHub.com',
  'api.github.com.',
  'api.stripe.com',
  'shop.example.com',
  'www.example.org',
  'xn--bcher-kva.example',
  'bücher.example',
  'local.example.com',
  'internal.example.com',
  'localhost.example.com',
  'localhost-shop.com',
  'mylocal.shop',
  'intranet-tools.io',
  'corp.example',
  'metadata.example.com',
  '10.example.com',
  '127-0-0-1.example.com',
  'a.b.c.d.example.co.uk',
  '1.1.1.1',
  '8.8.8.8',
  '93.184.215.14',
  '140.82.121.6',
  '9.255.255.255',
  '11.0.0.0',
  '172.15.255.255',
  '172.32.0.1',
  '192.167.255.255',
  '192.169.0.1',
  '169.253.255.255',
  '100.63.255.255',
  '100.128.0.1',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.254',
  '[2606:4700:4700::1111]',
  '[2001:4860:4860::8888]',
  '[2a00:1450:4001:81b::200e]',
  '[::ffff:8.8.8.8]',
]

describe('the egress guard', () => {
  it('lets none of the spellings through', async () => {
    expect(new Set(spellings).size).toBeGreaterThanOrEqual(150)
    const connected: string[] = []
    for (const spelling of new Set(spellings)) if ((await reach(spelling)) === 'connects') connected.push(spelling)
    expect(connected).toEqual([])
  })

  it('lets public services through', async () => {
    expect(new Set(legitimate).size).toBeGreaterThanOrEqual(30)
    const refused: string[] = []
    for (const host of [
      ...legitimate.map((name) => `https://${name}/`),
      'https://user:pass@api.github.com:8443/x?y#z',
    ]) {
      if ((await reach(host)) !== 'connects') refused.push(host)
    }
    expect(refused).toEqual([])
  })
})
