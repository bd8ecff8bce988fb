/** What the doctor looks at, in this order. */
export const checkNames = [
  'schema',
  'application',
  'database',
  'queue',
  'keys',
  'connections',
  'syncs',
  'handlers',
  'webhooks',
  'clock',
] as const

/** Something the doctor looks at. */
export type CheckName = (typeof checkNames)[number]

/** What the doctor can find, by codes that stay the same: where, and whether it keeps something from working. */
export const findingKinds = {
  SCHEMA_MODEL_MISSING: { check: 'schema', level: 'problem' },
  SCHEMA_FIELD_MISSING: { check: 'schema', level: 'problem' },
  SCHEMA_FIELD_DIFFERS: { check: 'schema', level: 'problem' },
  SCHEMA_FIELD_FOREIGN: { check: 'schema', level: 'problem' },
  SCHEMA_INDEX_MISSING: { check: 'schema', level: 'problem' },
  DATABASE_OUTDATED: { check: 'database', level: 'problem' },
  DATABASE_REFUSES: { check: 'database', level: 'problem' },
  QUEUE_UNREACHABLE: { check: 'queue', level: 'problem' },
  KEY_WRONG: { check: 'keys', level: 'problem' },
  KEY_MISSING: { check: 'keys', level: 'problem' },
  VALUE_UNREADABLE: { check: 'keys', level: 'problem' },
  KEY_OLD: { check: 'keys', level: 'notice' },
  PROVIDER_UNKNOWN: { check: 'connections', level: 'problem' },
  CONNECTION_UNAUTHORIZED: { check: 'connections', level: 'problem' },
  CONNECTION_REFUSED: { check: 'connections', level: 'problem' },
  CONNECTION_DISABLED: { check: 'connections', level: 'notice' },
  CONNECTION_UNTESTED: { check: 'connections', level: 'notice' },
  SYNC_STUCK: { check: 'syncs', level: 'problem' },
  SYNC_OVERDUE: { check: 'syncs', level: 'problem' },
  SYNC_FAILING: { check: 'syncs', level: 'problem' },
  SCHEDULE_UNHANDLED: { check: 'handlers', level: 'problem' },
  RESOURCE_UNHANDLED: { check: 'handlers', level: 'notice' },
  WEBHOOK_OVERDUE: { check: 'webhooks', level: 'problem' },
  WEBHOOK_DEAD: { check: 'webhooks', level: 'problem' },
  WEBHOOK_DEAD_LONG: { check: 'webhooks', level: 'notice' },
  WEBHOOK_UNHANDLED: { check: 'webhooks', level: 'notice' },
  CLOCK_BEHIND: { check: 'clock', level: 'problem' },
} as const satisfies Readonly<Record<string, { readonly check: CheckName; readonly level: 'problem' | 'notice' }>>

/** Something the doctor found. */
export interface Finding {
  readonly code: keyof typeof findingKinds
  /** What is the matter: a sentence, without secrets. */
  readonly message: string
  /** What to do about it. */
  readonly advice: string
  /** Which ones, the first few: ids of rows, or names. */
  readonly examples: readonly string[]
}

/** How a check went. What it found stands beside it. */
export interface CheckOutcome {
  readonly name: CheckName
  /** `skipped`: there was nothing to look at. `failed`: it could not be checked. */
  readonly status: 'checked' | 'skipped' | 'failed'
  /** Why it was skipped or failed. */
  readonly reason: string | null
}

const exampleCount = 5

/** The findings of rows that have something in common: one, or none where there are no rows. */
export function findingOf<Row>(
  rows: readonly Row[],
  exampleOf: (row: Row) => string,
  describe: (count: number) => Omit<Finding, 'examples'>,
): readonly Finding[] {
  if (rows.length === 0) return []
  return [{ ...describe(rows.length), examples: [...new Set(rows.map(exampleOf))].slice(0, exampleCount) }]
}
