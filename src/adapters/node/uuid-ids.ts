import { v7 } from 'uuid'
import type { Ids } from '../../core/ports/randomness.ts'

/** Ids as uuid v7 (RFC 9562): later ids of one process sort after earlier ones, within a millisecond too. */
export const uuidIds: Ids = { next: () => v7() }
