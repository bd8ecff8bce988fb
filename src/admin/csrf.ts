import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readCookie, writeCookie } from './cookies.ts'

/** The name of the form field that carries the token. */
export const csrfField = '_token'

/** The tokens of one browser. */
export interface Csrf {
  /** What a form of this operator has to send along. */
  readonly tokenFor: (actor: string) => string
  readonly isValid: (actor: string, token: unknown) => boolean
  /** The cookie to set, if the browser has none yet. */
  readonly cookie: string | null
}

/**
 * Tokens that prove that a form came from a page of the console, made for this operator in this browser: the key is a random
 * value in a cookie that no script and no other site gets to see, the token is the operator's name under that key. So every
 * process takes the tokens of every other, and nothing has to be configured or kept.
 */
export function csrfOf(request: Request, isSecure: boolean): Csrf {
  // The prefix keeps neighbouring domains from planting a cookie of theirs; browsers take it over https only.
  const name = isSecure ? '__Host-connectors-admin' : 'connectors-admin'
  const known = readCookie(request, name)
  const isKnown = known !== null && /^[\w-]{43}$/.test(known)
  const key = isKnown ? known : randomBytes(32).toString('base64url')
  const tokenFor = (actor: string) => createHmac('sha256', key).update(`csrf ${actor}`).digest('base64url')
  return {
    tokenFor,
    isValid: (actor, token) => {
      if (!isKnown || typeof token !== 'string') return false
      const expected = Buffer.from(tokenFor(actor))
      const given = Buffer.from(token)
      return expected.length === given.length && timingSafeEqual(expected, given)
    },
    cookie: isKnown ? null : writeCookie(name, key, { path: '/', isSecure }),
  }
}
