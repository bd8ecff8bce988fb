import type { TenantId } from '../core/domain/tenant.ts'

/**
 * What an operator may do; each level includes those before it.
 *
 * - `view`: look.
 * - `operate`: test, enable, disable, pause, run syncs, replay webhooks: what can be taken back.
 * - `manage`: credentials, settings, full resyncs, cursors, registering webhooks, deleting.
 */
export type OperatorLevel = 'view' | 'operate' | 'manage'

/** Who uses the console, and what they may see and do there. */
export interface Operator<T extends TenantId = TenantId> {
  /** Names them in the audit trail: an account, an address. At most 200 characters. */
  readonly actor: string
  /** The tenants they may see: all of them, or these. Nothing of any other tenant is ever shown to them. */
  readonly tenants: 'all' | readonly T[]
  readonly level: OperatorLevel
}

/**
 * Says who sends a request: an operator, or whoever is refused by `null` (403) or by a `Response` of your own, such as a
 * redirect to your login. Called for every request but those for style sheet and script.
 */
export type Authorize<T extends TenantId = TenantId> = (
  request: Request,
) => Promise<Operator<T> | Response | null> | Operator<T> | Response | null

const levels: readonly OperatorLevel[] = ['view', 'operate', 'manage']
const maxActorLength = 200

/** Whether an operator may do what takes this level. */
export function mayDo({ level }: Pick<Operator, 'level'>, needed: OperatorLevel): boolean {
  return levels.indexOf(level) >= levels.indexOf(needed)
}

/** Whether `authorize` answered an operator; what is none, however it came about, is refused. */
export function isOperator(value: unknown): value is Operator {
  if (typeof value !== 'object' || value === null) return false
  const { actor, tenants, level } = value as Partial<Record<keyof Operator, unknown>>
  return (
    typeof actor === 'string' &&
    actor !== '' &&
    actor.length <= maxActorLength &&
    (tenants === 'all' || Array.isArray(tenants)) &&
    levels.some((known) => known === level)
  )
}
