import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redacted } from '../../../src/core/domain/redacted.ts'
import { createRedactor, stringsIn } from '../../../src/core/domain/redaction.ts'
import { canBeRead, encodings } from '../../support/secret-spellings.ts'

// Well-formed, and no piece of the mark: otherwise it could be "found" in the mark itself.
const secrets = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 4, maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom('a', 'B', '7', '"', '\\', '/', '+', ' ', '%', '&', '=', "'", '\n', 'é', '😀'),
      minLength: 4,
      maxLength: 20,
    }),
    fc.base64String({ minLength: 8, maxLength: 40 }),
  )
  .filter((secret) => !redacted.includes(secret))
const innocents = fc.string({ unit: fc.constantFrom(...'xyzXYZ ,.-_!', '\n', 'ü'), maxLength: 30 })

describe('a known secret never survives', () => {
  test.each(encodings)('%s', (_, encode) => {
    fc.assert(
      fc.property(secrets, innocents, innocents, (secret, before, after) => {
        fc.pre(!canBeRead(secret, before) && !canBeRead(secret, after))
        const text = createRedactor([secret]).text(`${before} ${encode(secret)} ${after}`)
        expect(canBeRead(secret, text)).toBe(false)
        expect(text.startsWith(`${before} `) && text.endsWith(` ${after}`)).toBe(true)
        expect(text).toContain(redacted)
      }),
      { numRuns: 300 },
    )
  })

  test('in hex, if it has eight characters: then it is hardly an ordinary number', () => {
    fc.assert(
      fc.property(secrets, innocents, (secret, innocent) => {
        fc.pre(secret.length >= 8)
        const { text, body, url } = createRedactor([secret])
        const hex = Buffer.from(secret).toString('hex')
        for (const spelled of [hex, hex.toUpperCase()]) {
          fc.pre(!redacted.includes(secret) && !innocent.includes(secret))
          expect(text(`${innocent}${spelled}${innocent}`)).toBe(`${innocent}${redacted}${innocent}`)
          expect(body(JSON.stringify({ note: spelled }))).not.toContain(spelled)
          expect(url(`https://example.test/${spelled}?q=${spelled}`)).not.toContain(spelled)
        }
      }),
    )
    expect(createRedactor(['1234567']).text('31323334353637')).toBe('31323334353637')
    expect(createRedactor(['12345678']).text('3132333435363738')).toBe(redacted)
  })

  test('as the password of Basic authentication, after a user name of any length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 12 }), secrets, (user, secret) => {
        fc.pre(Buffer.byteLength(secret) >= 6)
        const basic = Buffer.from(`${user}:${secret}`).toString('base64')
        const { text, headers } = createRedactor([secret])
        for (const shown of [text(`Basic ${basic}`), headers({ 'x-thing': `Basic ${basic}` })['x-thing'] ?? '']) {
          const [, rest = ''] = shown.split(' ')
          expect(rest).toContain(redacted)
          expect(Buffer.from(rest.split(redacted)[0] ?? '', 'base64').toString()).not.toContain(secret)
        }
      }),
    )
  })

  test('in every place of a request', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const { url, headers, body, text } = createRedactor([secret])
        const address = new URL('https://example.test/a')
        address.pathname = `/hooks/${secret}/x`
        address.search = `?q=${secret}`
        const shown = [
          url(address.href),
          url(`https://example.test/hooks/${encodeURIComponent(secret)}?page=2&q=${encodeURIComponent(secret)}`),
          headers({ 'x-thing': `a ${secret} b` })['x-thing'] ?? '',
          body(JSON.stringify({ list: [{ note: `a ${secret}` }], [secret]: 1 })),
          body(JSON.stringify({ inner: JSON.stringify({ note: secret }) })),
          body(new URLSearchParams({ a: '1', note: secret }).toString()),
          body(`<p>${secret}</p>`),
          text(`request to https://example.test/?q=${encodeURIComponent(secret)} failed`),
        ]
        for (const place of shown) expect(canBeRead(secret, place)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  test('several secrets, also where they overlap, touch or contain each other', () => {
    const { text } = createRedactor(['abcdef', 'defghi', 'bcde'])
    expect(text('abcdefghi')).toBe(redacted)
    expect(text('abcdefdefghi')).toBe(`${redacted}${redacted}`)
    expect(text('xbcdex')).toBe(`x${redacted}x`)
    expect(text('defghi, then bcde, then abcdef')).toBe(`${redacted}, then ${redacted}, then ${redacted}`)
  })

  test('several random secrets in random places', () => {
    fc.assert(
      fc.property(fc.array(secrets, { minLength: 1, maxLength: 5 }), fc.array(innocents), (known, innocent) => {
        const text = known.map((secret, at) => `${innocent[at] ?? ''}${secret}`).join('|')
        const shown = createRedactor(known).text(text)
        for (const secret of known) expect(shown.split(redacted).some((rest) => rest.includes(secret))).toBe(false)
      }),
    )
  })

  test('a secret with half a surrogate pair, also as it is sent', () => {
    const { text } = createRedactor(['abc\ud800def'])
    expect(text('x abc\ud800def abc\ufffddef y')).toBe(`x ${redacted} ${redacted} y`)
    expect(text(`x ${encodeURIComponent('abc\ufffddef')}`)).toBe(`x ${redacted}`)
  })
})

describe('a member that is secret by name', () => {
  const { url, headers, body } = createRedactor([])

  test.each([
    'authorization',
    'Authorization',
    'proxy-authorization',
    'cookie',
    'Set-Cookie',
    'x-api-key',
    'X-Auth-Token',
    'x-hub-signature-256',
    'x-client-secret',
    'X-Auth',
    'x-auth-key',
    'x-jwt-assertion',
  ])('header %s', (name) => {
    expect(headers({ [name]: 'unknown', accept: 'a' })).toEqual({ [name]: redacted, accept: 'a' })
  })

  test.each([
    [
      'access_token',
      'https://example.test/a?page=2&access_token=unknown&z=1#top',
      `https://example.test/a?page=2&access_token=${redacted}&z=1#top`,
    ],
    ['an encoded name', 'https://example.test/?api%5Fkey=unknown', `https://example.test/?api%5Fkey=${redacted}`],
    [
      'a name in brackets',
      'https://example.test/?user[password]=unknown',
      `https://example.test/?user[password]=${redacted}`,
    ],
    [
      'a fragment',
      'https://example.test/#access_token=unknown&x=1',
      `https://example.test/#access_token=${redacted}&x=1`,
    ],
    ['user info', 'https://user:unknown@example.test/a@b', `https://${redacted}@example.test/a@b`],
    ['a user alone', 'https://unknown@example.test/', `https://${redacted}@example.test/`],
    [
      'user info with an at sign, before a port that is none',
      'https://u:p@ss@example.test:99999/',
      `https://${redacted}@example.test:99999/`,
    ],
    ['a relative address', '/a?client_secret=unknown', `/a?client_secret=${redacted}`],
    ['a broken escape', '/a?%ZZ=1&client_secret=%ZZ', `/a?%ZZ=1&client_secret=${redacted}`],
  ])('query: %s', (_, address, shown) => {
    expect(url(address)).toBe(shown)
  })

  test.each([
    ['JSON', '{"a":{"password":"unknown"},"n":1}', `{"a":{"password":"${redacted}"},"n":1}`],
    ['JSON whose value is an object', '{"credentials":{"user":"unknown"}}', `{"credentials":"${redacted}"}`],
    ['JSON whose value is a number', '{"apiKey":12345}', `{"apiKey":"${redacted}"}`],
    ['JSON whose value is null', '{"token":null}', '{"token":null}'],
    ['JSON whose name ends a line', '{"token\\n":"unknown"}', `{"token\\n":"${redacted}"}`],
    ['JSON that was cut off after it', '{"token":"unknown","a":', `{"token":"${redacted}","a":`],
    ['JSON that was cut off within it', '{"a":1,"token" : "unkno', `{"a":1,"token" : "${redacted}"`],
    ['JSON that was cut off, an object', '{"credentials":{"user":"unkno', `{"credentials":"${redacted}"`],
    ['JSON lines', '{"token":"unknown"}\n{"token":"un\\"known"}', `{"token":"${redacted}"}\n{"token":"${redacted}"}`],
    ['a form', 'grant_type=code&client_secret=unknown&x=1', `grant_type=code&client_secret=${redacted}&x=1`],
    [
      'a form of names in use',
      'pwd=un&user_pwd=un&passphrase=un&id_jwt=un&client_assertion=un&sig=un',
      `pwd=${redacted}&user_pwd=${redacted}&passphrase=${redacted}&id_jwt=${redacted}&client_assertion=${redacted}&sig=${redacted}`,
    ],
    ['prose', 'refused: client_secret=unknown', `refused: client_secret=${redacted}`],
  ])('body: %s', (_, sent, shown) => {
    expect(body(sent)).toBe(shown)
  })

  test('in JSON nested too deep to be written anew', () => {
    const depth = 100_000
    const shown = body(`{"password":"unknown","a":${'['.repeat(depth)}${']'.repeat(depth)}}`)
    expect(shown.startsWith(`{"password":"${redacted}","a":[[[`)).toBe(true)
  })
})

describe('what is no secret stays', () => {
  test('text without the secrets is unchanged', () => {
    const { text, headers } = createRedactor(['s3cr3t-0f-@cme'])
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (innocent) => {
        expect(text(innocent)).toBe(innocent)
        expect(headers({ accept: innocent })).toEqual({ accept: innocent })
      }),
    )
  })

  test.each([
    'https://example.test/a/b?page=2&per_page=100#top',
    'https://EXAMPLE.test',
    'mailto:someone',
    '/relative?x=a@b',
    'not a url',
    '',
  ])('address %s', (address) => {
    expect(createRedactor(['s3cr3t']).url(address)).toBe(address)
  })

  test.each([
    ['spaces and big numbers in JSON', '{ "id": 12345678901234567890, "price": 1.0 }'],
    ['prose with a word that names secrets', 'The token is old. Try ?page=2 or a=b'],
    ['percent signs', '100 % of 5%zz'],
    ['a string of JSON', '"just text"'],
    ['names that only look like those of secrets', '{"signal":1,"design":2,"assigned":3,"xx-auth":4}'],
    ['nothing', ''],
  ])('body with %s', (_, sent) => {
    expect(createRedactor(['s3cr3t']).body(sent)).toBe(sent)
  })

  test('values of fewer than four characters are too common to be replaced', () => {
    const { text, body } = createRedactor(['abc', '', 'x'])
    expect(text('abc and x, nothing else')).toBe('abc and x, nothing else')
    expect(body('{"password":"abc"}')).toBe(`{"password":"${redacted}"}`)
    expect(createRedactor(['abcd']).text('abcde')).toBe(`${redacted}e`)
  })
})

describe('redacting twice is redacting once', () => {
  test('for any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 4, maxLength: 6 })),
        fc.string({ unit: 'binary' }),
        (known, noise) => {
          const { text } = createRedactor(known)
          const once = text(`${noise}${known.join('')}${noise}`)
          expect(text(once)).toBe(once)
        },
      ),
    )
  })

  test('for any address and body, if no secret holds a separator', () => {
    const known = fc.string({ minLength: 4, maxLength: 6 }).filter((secret) => !/[&?#;=\s:@/\\"[\]{}]/.test(secret))
    fc.assert(
      fc.property(fc.array(known), fc.string({ unit: 'binary' }), (secrets, noise) => {
        const { url, body } = createRedactor(secrets)
        const all = `${noise}?${secrets.join('/')}${noise}&token=${secrets.join('&')}`
        const address = url(`https://u:p@h/${all}`)
        expect(url(address)).toBe(address)
        for (const sent of [all, JSON.stringify({ token: all, note: all }), `{"token":"${all}`]) {
          expect(body(body(sent))).toBe(body(sent))
        }
      }),
    )
  })

  test.each(['redacted', '[redacted]', 'acte', '[red', 'd]  ', '][re', ']]]]'])('the secret %j', (secret) => {
    const { text } = createRedactor([secret, 'other'])
    const once = text(`a ${secret}${secret} other${secret} other  ${secret}other`)
    expect(text(once)).toBe(once)
    expect(once.replaceAll(redacted, '')).not.toContain(secret)
  })
})

describe('hostile input', () => {
  test('nothing throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' })),
        fc.string({ unit: 'binary' }),
        fc.webUrl(),
        (known, noise, address) => {
          const { text, url, headers, body } = createRedactor([...known, '\udc00\ud800abcd'])
          for (const one of [
            noise,
            `${address}${noise}`,
            `%${noise}`,
            `{"a":${noise}`,
            `"\\u${noise}`,
            `\ud800${noise}`,
          ]) {
            for (const redact of [text, url, body]) expect(typeof redact(one)).toBe('string')
            expect(headers({ [one]: one })).toBeTypeOf('object')
          }
        },
      ),
    )
  })

  // A name made of secret names once took 12 seconds at this length, and four times that at twice the length. What is
  // read through once takes milliseconds: between them the time limit of a test tells surely.
  const length = 200_000
  const shapes: ReadonlyArray<readonly [string, string]> = [
    ['a name made of secret names', JSON.stringify({ [`${'token'.repeat(length / 5)}\n`]: 1 })],
    ['many question marks', '?'.repeat(length)],
    ['many pairs without values', 'a='.repeat(length / 2)],
    ['many secret pairs', 'token=1&'.repeat(length / 8)],
    ['many quotes', '"'.repeat(length)],
    ['many backslashes', '\\'.repeat(length)],
    ['a name and spaces', `"token"${' '.repeat(length)}`],
    ['many secret members, cut off', `[${'{"token":"\\"'.repeat(length / 12)}`],
    ['many numbers, cut off', `[${'"token":1 '.repeat(length / 10)}`],
    ['many percent signs', '%'.repeat(length)],
    ['many broken escapes', '%c3'.repeat(length / 3)],
    ['many at signs', `https://${'@'.repeat(length)}`],
    ['many beginnings of a secret', 'secret-number-'.repeat(length / 14)],
  ]
  test.each(shapes)('a long body of %s is read through once, not again and again', (_, hostile) => {
    const { body, url } = createRedactor(Array.from({ length: 20 }, (_, at) => `secret-number-${at}!`))
    expect(body(hostile)).toBeTypeOf('string')
    expect(url(hostile)).toBeTypeOf('string')
  })
})

test('a secret is found in text of two bytes a character, where every other one is NUL', () => {
  const text = new TextDecoder().decode(Buffer.from('{"said":"planted-secret!"}', 'utf16le'))
  expect(createRedactor(['planted-secret!']).text(text).replaceAll('\0', '')).toBe('{"said":"[redacted]"}')
})

test.each([
  ['JSON within a string', { data: '{"password":"hunter2"}' }, { data: '{"password":"[redacted]"}' }],
  [
    'an address',
    { next: 'https://x.example/?page=2&access_token=t0' },
    { next: 'https://x.example/?page=2&access_token=[redacted]' },
  ],
  ['a list of addresses', ['/a?sig=t0'], ['/a?sig=[redacted]']],
])('in the strings of a JSON body the values of secret names are replaced: %s', (_, body, expected) => {
  expect(createRedactor([]).body(JSON.stringify(body))).toBe(JSON.stringify(expected))
})

describe('the strings of credentials', () => {
  test('are found however deep, in objects, lists, maps and sets', () => {
    const credentials = {
      a: 'one',
      b: [{ c: 'two' }, null, 3, undefined],
      d: new Map([['three', new Set(['four'])]]),
      e: 1n,
    }
    expect(stringsIn(credentials)).toEqual(['one', 'two', 'three', 'four'])
    expect(stringsIn('alone')).toEqual(['alone'])
    expect(stringsIn(null)).toEqual([])
  })
})
