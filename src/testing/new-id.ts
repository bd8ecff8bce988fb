import { randomBytes } from 'node:crypto'

// Ids of one process ascend; the random part keeps processes that share a database apart.
let madeCount = 0

/** A new uuid v7 in lower case for tests. Ids made later in the same process sort after earlier ones. */
export function newId(): string {
  madeCount += 1
  const time = (Date.UTC(2026, 0, 1) + madeCount).toString(16).padStart(12, '0')
  const random = randomBytes(10).toString('hex')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`
}
