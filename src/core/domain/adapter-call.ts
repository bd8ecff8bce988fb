import type { Json } from './json.ts'

/** A call of an adapter that can be written down. */
export interface AdapterCall {
  /** An async method of the adapter. */
  readonly method: string
  readonly args: readonly Json[]
}
