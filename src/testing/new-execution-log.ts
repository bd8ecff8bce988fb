import type { ExecutionLog } from '../core/domain/execution-log.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import { instant } from './instant.ts'
import { newId } from './new-id.ts'

/** A row of the audit trail for tests: a GET that went well. */
export function newExecutionLog<T extends TenantId>(
  fields: Partial<ExecutionLog<T>> & { readonly tenantId: T; readonly connectionId: string },
): ExecutionLog<T> {
  return {
    id: newId(),
    runId: null,
    actor: null,
    action: 'getIssue',
    method: 'GET',
    url: 'https://api.example.test/issues/1',
    requestPayload: null,
    responseStatus: 200,
    responsePayload: null,
    durationMs: 12,
    attempt: 1,
    error: null,
    createdAt: instant(0),
    ...fields,
  }
}
