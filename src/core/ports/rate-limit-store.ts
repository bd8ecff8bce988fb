import type { RateLimit } from '../domain/provider.ts'

/** Keeps the token buckets of connections: in the process, or where a fleet of processes shares them. */
export interface RateLimitStore {
  /**
   * Takes one token from the bucket of a key, which begins full. Answers 0 if it was there, else for how many milliseconds
   * there will be none; then nothing was taken. Of concurrent calls for one token exactly one gets it.
   *
   * @param request - the limit, and the caller's instant, for stores that have no clock of their own.
   */
  readonly take: (key: string, request: RateLimit & { readonly at: Date }) => Promise<number>
}
