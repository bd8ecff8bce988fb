import { connectionNotFound } from '../domain/connection-not-found.ts'
import type { ExecutionLog } from '../domain/execution-log.ts'
import { createRedactor, type Redactor } from '../domain/redaction.ts'
import { requireConnectionId } from '../domain/require-connection-id.ts'
import { storableText } from '../domain/storable-text.ts'
import type { Scope, TenantId } from '../domain/tenant.ts'
import type { OperatorAct } from '../execution-verbs.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionRepository } from '../ports/connection-repository.ts'
import type { Ids } from '../ports/randomness.ts'
import type { AdapterFactory } from './adapter-factory.ts'
import type { AuditLog } from './audit-log.ts'
import { anything, checkFields, type FieldCheck } from './check-fields.ts'

const shortText = (longest: number): FieldCheck => ({
  is: (value) => typeof value === 'string' && value !== '' && value.length <= longest,
  mustBe: `a text of 1 to ${longest} characters`,
})

const actFields = {
  connectionId: anything,
  actor: shortText(200),
  action: shortText(200),
  details: { is: (value) => typeof value === 'object' && value !== null, mustBe: 'an object' },
  outcome: shortText(10_000),
} satisfies Record<keyof OperatorAct, FieldCheck>

/** Acts have a trail of their own, along the index of runs. */
const runId = 'operator'

/** Writes an act of an operator into the audit trail, at once, without the secrets of its connection. */
export function createRecordAct<T extends TenantId>({
  connections,
  adapters,
  audit,
  clock,
  ids,
}: {
  readonly connections: Pick<ConnectionRepository<T>, 'find'>
  readonly adapters: Pick<AdapterFactory<T>, 'open'>
  readonly audit: Pick<AuditLog<T>, 'record' | 'flush'>
  readonly clock: Clock
  readonly ids: Ids
}): (scope: Scope<T>, act: OperatorAct) => Promise<ExecutionLog<T>> {
  return async (scope, act) => {
    const required = { connectionId: null, actor: null, action: null }
    checkFields('The argument of executions.record', { ...required, ...act }, actFields)
    const { connectionId, actor, action, details = null, outcome = null } = act
    const id = requireConnectionId(connectionId)
    const connection = await connections.find({ scope, id, includeDeleted: true })
    if (connection === null) throw connectionNotFound(id)
    // What was deleted has no secrets any more; whose secrets don't open could give them away, so that nothing free is kept.
    const redactor: Redactor | null =
      connection.deletedAt !== null
        ? createRedactor([])
        : await adapters.open(connection).then(
            (opened) => opened.redactor,
            () => null,
          )
    const clean = (text: string | null, how: 'text' | 'body') =>
      text === null ? null : redactor === null ? '[redacted]' : storableText(redactor[how](text))
    const row: ExecutionLog<T> = {
      id: ids.next(),
      tenantId: connection.tenantId,
      connectionId: connection.id,
      runId,
      actor: storableText(actor),
      action: storableText(action),
      method: 'ACT',
      url: '',
      requestPayload: clean(details === null ? null : JSON.stringify(details), 'body'),
      responseStatus: null,
      responsePayload: clean(outcome, 'text'),
      durationMs: 0,
      attempt: 1,
      // Not an error: that would be a call without an answer.
      error: null,
      createdAt: clock.now(),
    }
    audit.record(row)
    await audit.flush()
    return row
  }
}
