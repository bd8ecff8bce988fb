/** Whether a lease may be taken: nobody has it, or it expired more than `clockSkewMs` ago. */
export function isLeaseFree(expiresAt: Date | null, at: Date, clockSkewMs: number): boolean {
  return expiresAt === null || at.getTime() - expiresAt.getTime() > clockSkewMs
}
