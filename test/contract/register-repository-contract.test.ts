import { AssertionError } from 'node:assert'
import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import {
  type ContractSelection,
  type RepositoryContractHarness,
  registerRepositoryContract,
} from '../../src/testing/index.ts'

const serial = {
  repositories: memoryRepositories(),
  newTenantId: () => 't',
  traits: { concurrency: 'serial' },
} as const

/** Registers the contract with a runner that only takes notes. */
function register<T extends string, Tx>(harness: RepositoryContractHarness<T, Tx>, selection: ContractSelection = {}) {
  const run: string[] = []
  const skipped: string[] = []
  registerRepositoryContract(
    {
      describe: (_, body) => body(),
      test: Object.assign((title: string) => run.push(title), { skip: (title: string) => skipped.push(title) }),
    },
    harness,
    selection,
  )
  return { run, skipped }
}

describe('registering the repository contract', () => {
  test('a harness without handle, exact tenants and concurrency skips those cases and says why', () => {
    const { run, skipped } = register(serial)
    expect(skipped).toContainEqual(expect.stringMatching(/^connections\/create\/one-winner.*run one after another/))
    expect(skipped).toContainEqual(expect.stringMatching(/^transaction\/handle\/commit.*no handle/))
    expect(skipped).toContainEqual(expect.stringMatching(/^connections\/all\/exact-tenant.*no exactTenants/))
    expect(skipped).toContainEqual(expect.stringMatching(/^transaction\/commit\/lost-answer.*no losingCommitAnswers/))
    expect(run).toContainEqual(expect.stringMatching(/^connections\/create\/conflict/))
  })

  test('a full harness skips nothing', () => {
    const { skipped } = register({
      ...serial,
      traits: { concurrency: 'parallel' },
      handle: { write: async () => {}, exists: async () => true },
      exactTenants: ['t1', 'T1'],
      losingCommitAnswers: memoryRepositories,
    })
    expect(skipped).toEqual([])
  })

  test('a case may be skipped with a reason, which becomes part of its title', () => {
    const { run, skipped } = register(serial, {
      skip: [{ case: 'connections/create/conflict', reason: 'no unique keys' }],
    })
    expect(skipped).toContainEqual(
      expect.stringMatching(/^connections\/create\/conflict.*\(skipped: no unique keys\)$/),
    )
    expect(run).not.toContainEqual(expect.stringMatching(/^connections\/create\/conflict/))
  })

  test('while an adapter grows, only some of the cases may be run; the others say so', () => {
    const { run, skipped } = register(serial, { only: ['oauth-states/', 'connections/create/conflict'] })
    expect(run).toContainEqual(expect.stringMatching(/^oauth-states\/consume\/round-trip/))
    expect(run).toContainEqual(expect.stringMatching(/^connections\/create\/conflict/))
    expect(run.every((title) => /^(oauth-states|connections\/create\/conflict)/.test(title))).toBe(true)
    expect(skipped).toContainEqual(expect.stringMatching(/^connections\/find\/scopes.*\(skipped: only oauth-states/))
    expect(() => register(serial, { only: ['oauth-state/'] })).toThrow('begins with oauth-state/')
  })

  test('a case that fails names the guarantee, and the failed check is the cause', async () => {
    const repositories = memoryRepositories()
    const oauthStates = { ...repositories.oauthStates, consume: async () => null }
    const runs = new Map<string, () => Promise<void>>()
    registerRepositoryContract(
      {
        describe: (_, body) => body(),
        test: Object.assign((title: string, run: () => Promise<void>) => runs.set(title.split(':')[0] ?? '', run), {
          skip: () => {},
        }),
      },
      { ...serial, repositories: { ...repositories, oauthStates } },
    )
    await expect(runs.get('oauth-states/consume/round-trip')?.()).rejects.toMatchObject({
      message: expect.stringMatching(/breaks the guarantee oauth-states\/consume\/round-trip: a state comes out as/),
      cause: expect.any(AssertionError),
    })
  })

  test('a skip that names no case, or gives no reason, is a mistake', () => {
    expect(() => register(serial, { skip: [{ case: 'connections/create/typo', reason: 'x' }] })).toThrow(
      'connections/create/typo',
    )
    expect(() => register(serial, { skip: [{ case: 'connections/create/conflict', reason: ' ' }] })).toThrow(
      'needs a reason',
    )
  })
})
