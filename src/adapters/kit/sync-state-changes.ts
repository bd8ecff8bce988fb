/** What a sync state is without a holder of its lease. */
export const noLease = { leaseOwner: null, leaseExpiresAt: null } as const

/** What `acquire` writes, beside the fence; a full pass raises the generation too. */
export function takenLease(lease: {
  readonly owner: string
  readonly at: Date
  readonly leaseMs: number
  readonly begin: 'resume' | 'full'
}) {
  const { owner, at, leaseMs, begin } = lease
  return {
    status: 'running',
    leaseOwner: owner,
    leaseExpiresAt: new Date(at.getTime() + leaseMs),
    updatedAt: at,
    ...(begin === 'full' &&
      ({ mode: 'full', cursor: null, trail: null, generationStartedAt: at, fullRequestedAt: null } as const)),
  } as const
}

/** What `interrupt` writes, beside the fence. */
export function interruptedRun({ at, forget }: { readonly at: Date; readonly forget: boolean }) {
  const forgotten = {
    cursor: null,
    trail: null,
    mode: 'incremental',
    fullRequestedAt: null,
    errorCount: 0,
    lastError: null,
    nextSyncAt: null,
  } as const
  return { status: 'idle', updatedAt: at, ...noLease, ...(forget && forgotten) } as const
}

/** What `request` writes. */
export function requestedRun({ at, isFull }: { readonly at: Date; readonly isFull: boolean }) {
  return { dueAt: at, nextSyncAt: null, updatedAt: at, ...(isFull && { fullRequestedAt: at }) } as const
}

/** What `commit` writes, beside revision and count. */
export function committedPage(page: {
  readonly at: Date
  readonly cursor: string | null
  readonly trail: string | null
  readonly complete: boolean
}) {
  const { at, cursor, trail, complete } = page
  return {
    cursor,
    trail: complete ? null : trail,
    updatedAt: at,
    errorCount: 0,
    lastError: null,
    nextSyncAt: null,
    ...(complete && ({ status: 'completed', lastSyncAt: at, mode: 'incremental', ...noLease } as const)),
  } as const
}

/** What `fail` writes, beside the count of errors. */
export function failedRun({ at, error, nextSyncAt }: { readonly at: Date; error: string; nextSyncAt: Date }) {
  return { status: 'failed', lastError: error, nextSyncAt, updatedAt: at, ...noLease } as const
}
