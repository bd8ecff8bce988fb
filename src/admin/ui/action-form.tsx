import type { Child } from 'hono/jsx'
import { csrfField } from '../csrf.ts'
import { mayDo, type OperatorLevel } from '../operator.ts'
import { link, type Visit } from '../visit.ts'

/** A form that does something; nothing for those who may not. */
export function ActionForm({
  visit,
  action,
  needs,
  confirm,
  label,
  tone = 'plain',
  children,
}: {
  visit: Visit
  /** Path below the base path. */
  action: string
  needs: OperatorLevel
  /** Asked before it is sent, where there are scripts. */
  confirm?: string
  /** On the button. */
  label: string
  tone?: 'plain' | 'primary' | 'danger'
  children?: Child
}) {
  if (!mayDo(visit.operator, needs)) return null
  return (
    <form class="action" method="post" action={link(visit, action)} data-confirm={confirm}>
      <input type="hidden" name={csrfField} value={visit.csrfToken} />
      {children}
      <button type="submit" class={tone}>
        {label}
      </button>
    </form>
  )
}
