/** What a process on a shared database is to do. */
export type PooledJob =
  | {
      readonly kind: 'race'
      readonly tenantId: string
      readonly worker: string
      readonly stateIds: readonly string[]
      readonly leaseIds: readonly string[]
      readonly failingId: string
      readonly failureCount: number
    }
  | {
      readonly kind: 'stall'
      readonly tenantId: string
      readonly connectionId: string
      readonly fence: number
      readonly timeoutMs: number
    }
