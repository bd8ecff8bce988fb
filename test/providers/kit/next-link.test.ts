import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextLink } from '../../../src/providers/kit/index.ts'

const url = 'https://api.example/repos/o/n/issues?page=1'
const next = (link: string) => nextLink({ url, headers: { link } })

describe('the link to the next page', () => {
  it.each([
    [
      '<https://api.example/repositories/1/issues?page=2>; rel="next"',
      'https://api.example/repositories/1/issues?page=2',
    ],
    ['<https://api.example/a>; rel="prev", <https://api.example/b?x=1,2>; rel="next"', 'https://api.example/b?x=1,2'],
    ['<?page=2>; rel=next', 'https://api.example/repos/o/n/issues?page=2'],
    ['</x>;rel="last next"', 'https://api.example/x'],
    ['</x>; title="a, b; rel=\\"no\\""; REL="Next"', 'https://api.example/x'],
    ['<//api.example/y>; rel="next"', 'https://api.example/y'],
    ['<<<a, <b </z>; rel="next"', 'https://api.example/z'],
  ])('is found in %s', (link, expected) => {
    expect(next(link)).toBe(expected)
  })

  it.each(['', '<https://api.example/a>; rel="prev"', '<https://api.example/a>', 'garbage', '<a>; title="rel=next"'])(
    'is absent from %s',
    (link) => {
      expect(next(link)).toBeNull()
    },
  )

  it('is not there without the header', () => {
    expect(nextLink({ url, headers: {} })).toBeNull()
  })

  it.each([
    '<https://evil.example/x?token=1>; rel="next"',
    '<//evil.example/>; rel="next"',
    '<http://api.example/>; rel="next"',
  ])('to another origin is refused: %s', (link) => {
    expect(() => next(link)).toThrow(
      expect.objectContaining({ code: 'EGRESS_REFUSED', message: expect.not.stringContaining('token') }),
    )
  })

  it('is found among any other links', () => {
    const token = fc.stringMatching(/^[a-z]{1,8}$/).filter((name) => name !== 'next')
    const other = fc.tuple(fc.webPath(), token).map(([path, rel]) => `<${path}>; rel="${rel}"`)
    fc.assert(
      fc.property(fc.array(other), fc.array(other), (before, after) => {
        expect(next([...before, '</found>; rel="next"', ...after].join(', '))).toBe('https://api.example/found')
      }),
    )
  })
})
