/** Which event types someone handles: everything, or these types and groups. */
export type HandledTypes =
  | 'all'
  | {
      readonly types: readonly string[]
      /** Beginnings of types, the dot included, e.g. `issues.`. */
      readonly groups: readonly string[]
    }

/** Whether an event type is among the handled ones. Exact, whatever a database's collation says. */
export function isHandledType(handled: HandledTypes, eventType: string): boolean {
  if (handled === 'all') return true
  return handled.types.includes(eventType) || handled.groups.some((group) => eventType.startsWith(group))
}
