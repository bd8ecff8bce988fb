/** What anything that was thrown says, for people. Never throws itself: not everything that is thrown turns into text. */
export function thrownMessage(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message
  try {
    return String(thrown)
  } catch {
    return 'something that is no error'
  }
}
