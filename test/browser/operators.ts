import type { AdminOptions, Operator } from '../../src/admin/create-admin.tsx'

/** Who uses the console in these tests. */
export const operators = {
  chief: { actor: 'chief@example.com', tenants: 'all', level: 'manage' },
  /** May do everything, but for one tenant only. */
  ofAcme: { actor: 'ada@acme.example', tenants: ['acme'], level: 'manage' },
  viewer: { actor: 'vera@example.com', tenants: 'all', level: 'view' },
} as const satisfies Readonly<Record<string, Operator<string>>>

/** One of them. */
export type OperatorName = keyof typeof operators

/** The header in which a browser of these tests says whose it is. */
export const operatorHeader = 'x-test-operator'

/** Knows operators by the header. */
export const authorizeByHeader: AdminOptions<string>['authorize'] = (request) => {
  const name = request.headers.get(operatorHeader) ?? ''
  return name in operators ? operators[name as OperatorName] : null
}
