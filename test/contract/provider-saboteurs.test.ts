import { AssertionError } from 'node:assert'
import { isConnectorsError } from 'bapp-connectors'
import { type ProviderFixtures, providerContract, registerProviderContract } from 'bapp-connectors/testing'
import { describe, expect, test } from 'vitest'
import { helpdesk } from '../../examples/custom-provider.ts'
import { helpdeskFixtures } from '../../examples/custom-provider-fixtures.ts'
import type { AnyProvider } from '../../src/core/domain/provider.ts'
import { providerSaboteurs } from './saboteurs/provider-saboteurs.ts'

/** Runs one case of the contract; answers what it failed with, or `null` if it passed. */
async function verdict(id: string, provider: AnyProvider): Promise<unknown> {
  const contractCase = providerContract.find((candidate) => candidate.id === id)
  if (contractCase === undefined) throw new Error(`There is no contract case ${id}.`)
  // The fixtures of the good provider, whatever has become of it.
  const fixtures = helpdeskFixtures as unknown as ProviderFixtures<AnyProvider>
  return contractCase.run({ provider, fixtures }).then(
    () => null,
    (error: unknown) => error,
  )
}

/** Anything but an assertion or a refusal of the library would be a mistake of the saboteur itself. */
function isVerdict(error: unknown): boolean {
  return error instanceof AssertionError || isConnectorsError(error)
}

describe('a provider with a mistake is caught by the contract', () => {
  for (const { mistake, provider, caughtBy } of providerSaboteurs) {
    for (const id of caughtBy) {
      test(`${mistake}: caught by ${id}`, async () => {
        expect(await verdict(id, provider)).toSatisfy(isVerdict)
      })
    }
  }
})

describe('the good provider', () => {
  registerProviderContract({ describe, test }, helpdesk, helpdeskFixtures)
})

test('choices that are different values, with labels, that the field takes, keep the promise', async () => {
  const loadChoices = async () => ['https://eu.example', 'https://us.example'].map((value) => ({ value, label: value }))
  expect(await verdict('manifest/choices', { ...helpdesk, choiceFields: ['url'], loadChoices })).toBeNull()
})

test('every case is proven able to fail', () => {
  const caught = new Set(providerSaboteurs.flatMap(({ caughtBy }) => caughtBy))
  expect(providerContract.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual([])
})

test('the ids of the cases are unique', () => {
  const ids = providerContract.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})
