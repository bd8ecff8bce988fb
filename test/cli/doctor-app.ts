import { expect } from 'vitest'
import type { MemoryTransaction } from '../../src/adapters/memory/memory-repositories.ts'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import type { DoctorReport } from '../../src/cli/doctor/describe-examination.ts'
import type { Repositories } from '../../src/core/ports/repositories.ts'
import { createShopWorldOver, type ShopWorld } from '../support/shop-world.ts'
import { applicationWith } from './application-with.ts'

/** Pages are handled and forgotten. */
const handlers = { 'shop.orders': async () => {} }

/** A healthy application of one connection, its rows, and the doctor. */
export async function doctorApp(
  options: Parameters<typeof createShopWorldOver<string, MemoryTransaction>>[1] = {},
): Promise<
  ShopWorld<string, MemoryTransaction> & {
    readonly repositories: Repositories<string, MemoryTransaction>
    readonly connectionId: string
    readonly examine: () => Promise<DoctorReport>
  }
> {
  const repositories = memoryRepositories<string>()
  const world = await createShopWorldOver(repositories, { handlers, ...options })
  const { id: connectionId } = await world.connect('t1')
  return { ...world, repositories, connectionId, examine: () => examineApp(world.connectors) }
}

/** What the doctor says of an instance, which it leaves open. */
export async function examineApp(connectors: object): Promise<DoctorReport> {
  const folder = await applicationWith(() => ({ ...connectors, close: async () => {} }))
  const { code, stdout, stderr } = await folder.run('doctor --app app.mjs --json')
  expect(stderr).toBe('')
  const report: DoctorReport = JSON.parse(stdout)
  expect(code).toBe({ healthy: 0, problems: 1, unchecked: 2 }[report.status])
  return report
}
