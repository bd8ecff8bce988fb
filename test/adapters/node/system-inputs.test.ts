import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/adapters/node/system-clock.ts'
import { systemRandomness } from '../../../src/adapters/node/system-randomness.ts'
import { uuidIds } from '../../../src/adapters/node/uuid-ids.ts'

describe('the clock of the machine', () => {
  it('runs a task once its time has come, months ahead too, unless it was cancelled', () => {
    vi.useFakeTimers()
    try {
      const ran: string[] = []
      const days = 24 * 60 * 60 * 1000
      systemClock.schedule(1_000, () => ran.push('soon'))
      systemClock.schedule(60 * days, () => ran.push('late'))
      const cancel = systemClock.schedule(40 * days, () => ran.push('cancelled'))
      vi.advanceTimersByTime(999)
      expect(ran).toEqual([])
      vi.advanceTimersByTime(30 * days)
      cancel()
      expect(ran).toEqual(['soon'])
      vi.advanceTimersByTime(30 * days)
      expect(ran).toEqual(['soon', 'late'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('tells the time', () => {
    expect(Math.abs(systemClock.now().getTime() - Date.now())).toBeLessThan(1_000)
  })
})

describe('ids', () => {
  it('are uuids of version 7 in lower case, each sorting after the one before', () => {
    const ids = Array.from({ length: 2_000 }, () => uuidIds.next())
    expect(new Set(ids).size).toBe(ids.length)
    expect([...ids].sort()).toEqual(ids)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('chance', () => {
  it('gives as many bytes as asked for, and fractions below one', () => {
    expect(systemRandomness.bytes(32)).toHaveLength(32)
    expect(systemRandomness.bytes(32)).not.toEqual(systemRandomness.bytes(32))
    const fraction = systemRandomness.fraction()
    expect(fraction).toBeGreaterThanOrEqual(0)
    expect(fraction).toBeLessThan(1)
  })
})
