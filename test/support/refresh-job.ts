import type { NotebookProcessSettings } from './notebook-process.ts'

/** What a process of test/support/refresh-worker.ts is told. */
export interface RefreshJob extends NotebookProcessSettings {
  readonly connectionId: string
  readonly callCount: number
  /** Where to stand still: with the lease before the request, with the answer before it is written, and after that. */
  readonly place: 'leased' | 'received' | 'written' | null
}

/** What such a process says of its calls. */
export interface RefreshReport {
  readonly refreshedCount: number
  readonly succeededCount: number
  readonly failures: readonly string[]
}
