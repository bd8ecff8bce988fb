import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arrayElements } from '../../../src/providers/kit/array-elements.ts'

const elements = (text: string) => arrayElements(Buffer.from(text)).map((bytes) => Buffer.from(bytes).toString())

test('every element comes as the bytes that were sent: big numbers, order, spaces and spellings stay', () => {
  expect(elements('[ {"b":12345678901234567890, "a": 1.0 } ,\r\n\t"\\u00e9]\\",[",[1,[2 , 3]],null,-0e1]')).toEqual([
    '{"b":12345678901234567890, "a": 1.0 }',
    '"\\u00e9]\\",["',
    '[1,[2 , 3]]',
    'null',
    '-0e1',
  ])
})

test('any elements are found, whatever stands between them', () => {
  const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 })
  const element = fc.tuple(space, fc.jsonValue(), space, fc.constantFrom(undefined, 2))
  fc.assert(
    fc.property(fc.array(element), space, (written, around) => {
      const texts = written.map(([, value, , indent]) => JSON.stringify(value, null, indent))
      const body = written.map(([before, , after], index) => before + texts[index] + after).join(',')
      expect(elements(`${around}[${body}]${around}`)).toEqual(texts)
    }),
  )
})

test.each(['', '[]', ' [ ] ', '{}', '{"a":[1]}', '1', '"[1]"', '[1', '[1,]', '[1]x', 'null'])(
  'there is none in %j',
  (text) => {
    expect(elements(text)).toEqual([])
  },
)

test('bytes that are no text have none', () => {
  expect(arrayElements(Uint8Array.of(0x5b, 0xff, 0x5d))).toEqual([])
})
