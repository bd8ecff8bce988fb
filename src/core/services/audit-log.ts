import { isConnectorsError } from '../domain/errors.ts'
import type { ExecutionLog } from '../domain/execution-log.ts'
import type { TenantId } from '../domain/tenant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ExecutionLogRepository } from '../ports/execution-log-repository.ts'
import type { Logger } from '../ports/logger.ts'

/** Most rows in one write. */
const batchSize = 100

/** Collects rows of the audit trail in memory and writes them in batches, away from the calls they tell about. */
export interface AuditLog<T extends TenantId> {
  /** Never fails and never waits. What comes after the close is dropped. */
  readonly record: (row: ExecutionLog<T>) => void
  /** Writes what is buffered. Rows stay in memory while the store is unavailable. */
  readonly flush: () => Promise<void>
  /** Writes what is buffered for the last time: what the store does not take now is dropped, and no timer stays behind. */
  readonly close: () => Promise<void>
  /** Rows lost so far, because the buffer was full or the store refused them. */
  readonly droppedCount: () => number
}

/** An audit log that holds at most `maxBufferedRows` rows for `flushMs` milliseconds. */
export function createAuditLog<T extends TenantId>(
  repository: ExecutionLogRepository<T>,
  {
    clock,
    logger,
    flushMs,
    maxBufferedRows,
  }: {
    readonly clock: Clock
    readonly logger: Logger
    readonly flushMs: number
    readonly maxBufferedRows: number
  },
): AuditLog<T> {
  const buffer: ExecutionLog<T>[] = []
  let dropped = 0
  /** Dropped because the buffer was full, and not logged yet: one line per row would drown the log. */
  let overflow = 0
  let isClosing = false
  let isClosed = false
  let cancelTimer: (() => void) | null = null
  let writing: Promise<void> = Promise.resolve()

  const drop = (count: number, reason: unknown) => {
    dropped += count
    logger.error({ err: reason, dropped: count, droppedInTotal: dropped }, 'rows of the execution log were dropped')
  }

  const writeAll = async () => {
    /** Rows still to be written one by one, so that a bad row doesn't take the others of its batch with it. */
    let suspects = 0
    if (overflow > 0) drop(overflow, 'the buffer was full')
    overflow = 0
    while (buffer.length > 0) {
      const batch = buffer.slice(0, suspects > 0 ? 1 : batchSize)
      try {
        await repository.appendMany(batch)
      } catch (error) {
        if (isConnectorsError(error, 'STORE_UNAVAILABLE')) {
          if (isClosing) return drop(buffer.splice(0).length, error)
          logger.warn(
            { err: error, buffered: buffer.length },
            'the execution log could not be written; it is tried again',
          )
          plan()
          return
        }
        if (batch.length > 1) {
          suspects = batch.length
          continue
        }
        drop(1, error)
      }
      buffer.splice(0, batch.length)
      suspects = Math.max(0, suspects - 1)
    }
  }

  const flush = () => {
    cancelTimer?.()
    cancelTimer = null
    writing = writing.then(writeAll)
    return writing
  }

  const plan = () => {
    cancelTimer ??= clock.schedule(flushMs, () => void flush())
  }

  return {
    record: (row) => {
      if (isClosed) {
        drop(1, 'the library is closed')
        return
      }
      if (buffer.length >= maxBufferedRows) {
        overflow += 1
        return
      }
      buffer.push(row)
      plan()
    },
    flush,
    close: async () => {
      isClosing = true
      await flush()
      isClosed = true
    },
    droppedCount: () => dropped + overflow,
  }
}
