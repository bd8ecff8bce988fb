/** A fake instant: `offsetMs` milliseconds after 2026-01-01T00:00:00.000Z. Nothing in the kit reads a clock. */
export function instant(offsetMs: number): Date {
  return new Date(Date.UTC(2026, 0, 1) + offsetMs)
}
