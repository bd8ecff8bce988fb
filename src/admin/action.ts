import type { ConnectionView } from '../core/domain/connection.ts'
import type { JsonObject } from '../core/domain/json.ts'
import type { TenantVerbs } from './admin-connectors.ts'
import type { Notice } from './notice.ts'
import type { OperatorLevel } from './operator.ts'
import type { Visit } from './visit.ts'

/** What an action is given: the connection it is about, and only that tenant's verbs. */
export interface ActionContext {
  readonly visit: Visit
  readonly connection: ConnectionView
  readonly verbs: TenantVerbs
  readonly form: FormData
  readonly parameters: Readonly<Record<string, string>>
}

/** How an action ended. */
export interface ActionEnd {
  readonly notice: Notice
  /** What to write down beside its name; never a secret. */
  readonly details?: JsonObject
  /** Where to go on, below the base path. Default: to the connection. */
  readonly to?: string
  /** A page of the provider's to go on to, with a cookie to set. A form can't lead there by itself: the policy forbids it. */
  readonly leave?: { readonly url: string; readonly cookie: string | null }
}

/** Something an operator does to a connection. */
export interface Action {
  /** Its name in the audit trail. */
  readonly name: string
  readonly needs: OperatorLevel
  readonly run: (context: ActionContext) => Promise<ActionEnd>
}

/** A form that has to be filled in again. */
export class FormRefused extends Error {
  readonly form: 'settings' | 'credentials'
  readonly issues: readonly { readonly path: string; readonly message: string }[]
  /** What was given, secrets left out. */
  readonly values: JsonObject

  constructor(form: FormRefused['form'], issues: FormRefused['issues'], values: JsonObject = {}) {
    super(issues.map(({ path, message }) => `${path} ${message}`.trim()).join('; '))
    this.form = form
    this.issues = issues
    this.values = values
  }
}

/** A notice that all went well. */
export function done(text: string): Notice {
  return { tone: 'good', text }
}

/** The text of an input, without spaces around it; `''` if there is none. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
