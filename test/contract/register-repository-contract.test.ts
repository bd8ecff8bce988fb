import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import {
  type ContractSkip,
  type RepositoryContractHarness,
  registerRepositoryContract,
} from '../../src/testing/index.ts'

const serial = {
  repositories: memoryRepositories(),
  newTenantId: () => 't',
  traits: { concurrency: 'serial' },
} as const

/** Registers the contract with a runner that only takes notes. */
function register<T extends string, Tx>(harness: RepositoryContractHarness<T, Tx>, skip: readonly ContractSkip[] = []) {
  const run: string[] = []
  const skipped: string[] = []
  registerRepositoryContract(
    {
      describe: (_, body) => body(),
      test: Object.assign((title: string) => run.push(title), { skip: (title: string) => skipped.push(title) }),
    },
    harness,
    { skip },
  )
  return { run, skipped }
}

describe('registering the repository contract', () => {
  test('a harness without handle, exact tenants and concurrency skips those cases and says why', () => {
    const { run, skipped } = register(serial)
    expect(skipped).toContainEqual(expect.stringMatching(/^connections\/create\/one-winner.*run one after another/))
    expect(skipped).toContainEqual(expect.stringMatching(/^transaction\/handle\/commit.*no handle/))
    expect(skipped).toContainEqual(expect.stringMatching(/^connections\/all\/exact-tenant.*no exactTenants/))
    expect(run).toContainEqual(expect.stringMatching(/^connections\/create\/conflict/))
  })

  test('a full harness skips nothing', () => {
    const { skipped } = register({
      ...serial,
      traits: { concurrency: 'parallel' },
      handle: { write: async () => {}, exists: async () => true },
      exactTenants: ['t1', 'T1'],
    })
    expect(skipped).toEqual([])
  })

  test('a case may be skipped with a reason, which becomes part of its title', () => {
    const { run, skipped } = register(serial, [{ case: 'connections/create/conflict', reason: 'no unique keys' }])
    expect(skipped).toContainEqual(
      expect.stringMatching(/^connections\/create\/conflict.*\(skipped: no unique keys\)$/),
    )
    expect(run).not.toContainEqual(expect.stringMatching(/^connections\/create\/conflict/))
  })

  test('a skip that names no case, or gives no reason, is a mistake', () => {
    expect(() => register(serial, [{ case: 'connections/create/typo', reason: 'x' }])).toThrow(
      'connections/create/typo',
    )
    expect(() => register(serial, [{ case: 'connections/create/conflict', reason: ' ' }])).toThrow('needs a reason')
  })
})
