import type { MemoryTransaction } from '../../src/adapters/memory/memory-repositories.ts'
import { type AdminOptions, createAdmin, type Operator } from '../../src/admin/create-admin.tsx'
import { csrfOf } from '../../src/admin/csrf.ts'
import { createShopWorld, type ShopWorld } from '../support/shop-world.ts'

/** A browser of one operator at a console: it keeps cookies and sends what browsers send. */
export interface AdminBrowser {
  readonly get: (path: string, headers?: Record<string, string>) => Promise<{ response: Response; html: string }>
  /** Sends a form that was taken from a page, with the token that stands in it. */
  readonly post: (
    path: string,
    fields?: Record<string, string>,
    headers?: Record<string, string>,
  ) => Promise<{ response: Response; html: string }>
}

/** Who may do everything everywhere. */
export const chief: Operator<string> = { actor: 'chief@example.com', tenants: 'all', level: 'manage' }

/** A console over a shop world, and browsers for it. */
export async function createAdminWorld(
  options: Partial<AdminOptions<string>> = {},
  world?: ShopWorld<string, MemoryTransaction>,
) {
  const shopWorld = world ?? (await createShopWorld())
  const operators = new Map<string, Operator<string>>()
  const errors: unknown[] = []
  const admin = createAdmin(shopWorld.connectors, {
    authorize: (request) => operators.get(request.headers.get('x-test-operator') ?? '') ?? null,
    onError: (error) => errors.push(error),
    ...options,
  })
  const browserOf = (operator: Operator<string>): AdminBrowser => {
    const id = String(operators.size)
    operators.set(id, operator)
    const cookies = new Map<string, string>()
    const send = async (path: string, init: RequestInit) => {
      const headers = new Headers(init.headers)
      headers.set('x-test-operator', id)
      headers.set('cookie', Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; '))
      const response = await admin(new Request(`http://ops.test${path}`, { ...init, headers }))
      for (const cookie of response.headers.getSetCookie()) {
        const [name = '', value = ''] = cookie.split(';')[0]?.split(/=(.*)/s) ?? []
        if (cookie.includes('Max-Age=0')) cookies.delete(name)
        else cookies.set(name, value)
      }
      return { response, html: await response.text() }
    }
    cookies.set('connectors-admin', 'k'.repeat(43))
    const get: AdminBrowser['get'] = (path, headers = {}) => send(path, { headers })
    return {
      get,
      post: async (path, fields = {}, headers = {}) => {
        const { html } = await get(path.split('/').slice(0, 4).join('/'))
        // What is foreign has no page to take it from, and an operator who may not, no form; an attacker would make do.
        const cookie = Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; ')
        const own = csrfOf(new Request('http://ops.test/', { headers: { cookie } }), false).tokenFor(operator.actor)
        const token = fields._token ?? /name="_token" value="([^"]*)"/.exec(html)?.[1] ?? own
        return send(path, {
          method: 'POST',
          body: new URLSearchParams({ ...fields, _token: token }),
          headers: { origin: 'http://ops.test', 'sec-fetch-site': 'same-origin', ...headers },
        })
      },
    }
  }
  return { ...shopWorld, admin, errors, browserOf, chief: browserOf(chief) }
}
