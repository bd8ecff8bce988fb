/** Which event types someone handles: everything, or these types and groups. */
export type HandledTypes =
  | 'all'
  | {
      readonly types: readonly string[]
      /** Beginnings of types, the dot included, e.g. `issues.`. */
      readonly groups: readonly string[]
    }

/** What a process has handlers for. */
export interface HandledWork {
  /** Resources whose pages have a handler, as `family.resource`. */
  readonly resources: readonly string[]
  /** Webhook event types (`issues.opened`), groups (`issues.*`) or everything (`*`), each once. */
  readonly webhooks: readonly string[]
}

/** Whether an event type is among the handled ones. Exact, whatever a database's collation says. */
export function isHandledType(handled: HandledTypes, eventType: string): boolean {
  if (handled === 'all') return true
  return handled.types.includes(eventType) || handled.groups.some((group) => eventType.startsWith(group))
}
