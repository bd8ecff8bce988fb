import assert from 'node:assert/strict'
import { type AnyConnectorsError, isConnectorsError } from '../../core/domain/errors.ts'
import type { ProviderContractContext } from './provider-contract-case.ts'
import { type Stand, withStand } from './with-stand.ts'

/** What became of a call: the service answered, it failed, or the gate was closed and nothing was sent. */
export type Asked =
  | { readonly status: 'answered' }
  | { readonly status: 'failed'; readonly error: AnyConnectorsError }
  | { readonly status: 'closed' }

/** A way to ask the service: a page of a resource, or the call of the fixtures. */
export interface Question {
  /** For people. */
  readonly name: string
  readonly ask: () => Promise<Asked>
}

/** Runs a check for each way to ask the service, on a connection of its own. */
export async function forEachQuestion(
  context: ProviderContractContext,
  check: (stand: Stand, question: Question) => Promise<void>,
): Promise<void> {
  const { provider, fixtures } = context
  const resources = Object.keys(provider.resources)
  assert.ok(
    resources.length > 0 || fixtures.call !== undefined,
    'the fixtures of a provider without resources need `call`',
  )
  for (const resource of resources) {
    await withStand(context, (stand) => check(stand, { name: resource, ask: () => askForPage(stand, resource) }))
  }
  const { call } = fixtures
  if (call === undefined) return
  await withStand(context, (stand) =>
    check(stand, {
      name: 'call',
      async ask() {
        const adapter = await stand.tenant.connections.adapter(stand.connectionId, stand.provider)
        return call(adapter).then(
          () => ({ status: 'answered' }),
          (error: unknown) => {
            assert.ok(isConnectorsError(error), `an error of the library: ${String(error)}`)
            return error.code === 'CONNECTION_NOT_OPERATIONAL' ? { status: 'closed' } : { status: 'failed', error }
          },
        )
      },
    }),
  )
}

async function askForPage(stand: Stand, resource: string): Promise<Asked> {
  const result = await stand.page(resource)
  switch (result.status) {
    case 'failed':
      return { status: 'failed', error: result.error }
    case 'skipped':
      return { status: 'closed' }
    default:
      return { status: 'answered' }
  }
}
