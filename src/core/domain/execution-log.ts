import type { TenantId } from './tenant.ts'

/** One HTTP call made through an adapter, or one act of an operator: a row of the audit trail. */
export interface ExecutionLog<T extends TenantId = TenantId> {
  readonly id: string
  readonly tenantId: T
  readonly connectionId: string
  /** The run (sync, job, request) that the call belonged to. */
  readonly runId: string | null
  /** Who asked for it, where known. */
  readonly actor: string | null
  /** What was being done, e.g. `sync issues` or `getIssue`. */
  readonly action: string
  /** HTTP method, upper case. */
  readonly method: string
  /** Request URL of any length, redacted. */
  readonly url: string
  /** Request body, redacted and cut; only kept where the policy says so. */
  readonly requestPayload: string | null
  readonly responseStatus: number | null
  /** Response body, redacted and cut; only kept where the policy says so. */
  readonly responsePayload: string | null
  readonly durationMs: number
  /** 1 for the first try of a request. */
  readonly attempt: number
  /** Why the call failed, redacted. */
  readonly error: string | null
  readonly createdAt: Date
}
