import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { FakeAnswer } from '../fake-fault.ts'
import type { FakeRequest } from '../fake-provider.ts'
import { forEachQuestion } from './ask-service.ts'
import type { ProviderContractCase } from './provider-contract-case.ts'

/** Who sees the secrets of a connection. */
export const secrecyCases: readonly ProviderContractCase[] = [
  {
    id: 'secrecy/nowhere',
    title: 'no secret is seen in errors, outcomes, audit rows, events, log lines, views or the adapter',
    run: (context) =>
      forEachQuestion(context, async (stand, { name, ask }) => {
        const { world, tenant, connectionId, provider } = stand
        const secrets = [...world.secrets, ...(context.fixtures.webhooks ? [context.fixtures.webhooks.secret] : [])]
        assert.ok(world.secrets.length > 0, 'the world of the fixtures needs `secrets`')
        for (const secret of secrets) assert.ok(secret.length >= 8, 'secrets of the fixtures have 8 characters or more')
        const adapter = await tenant.connections.adapter(connectionId, provider)
        const seen: unknown[] = [adapter]
        // The service repeats what it was asked with: the worst that it can do.
        for (const status of [400, 500, 401]) {
          world.service.fail(repeating(status), Number.POSITIVE_INFINITY)
          seen.push(await ask(), await tenant.connections.test(connectionId))
          world.service.recover()
        }
        seen.push(await tenant.executions.list().all(), await tenant.connections.list().all())
        seen.push(await tenant.webhooks.list().all(), stand.events, stand.logLines)
        const text = `${inspect(seen, everything)}${JSON.stringify(seen, withErrors)}`
        for (const secret of [...secrets, ...proofsIn(world.service.requests)]) {
          for (const [form, spelling] of Object.entries(spellings(secret))) {
            const at = text.indexOf(spelling)
            assert.equal(at, -1, `${name}: a secret is seen (${form}): ${excerpt(text, at, spelling)}`)
          }
        }
      }),
  },
]

const everything = { depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null, breakLength: 1_000 }

function repeating(status: number): (request: FakeRequest) => FakeAnswer {
  return ({ method, url, headers, body }) => ({
    status,
    body: { message: `${method} ${url} with ${headers.authorization ?? ''}`, headers, body },
  })
}

function spellings(secret: string): Readonly<Record<string, string>> {
  const bytes = Buffer.from(secret)
  return {
    'as it is': secret,
    'url-encoded': encodeURIComponent(secret),
    'in base64': bytes.toString('base64'),
    'in hex': bytes.toString('hex'),
  }
}

/** What stood behind the word in `Authorization`, e.g. user and password of basic authentication in base64. */
function proofsIn(requests: readonly FakeRequest[]): readonly string[] {
  const proofs = requests.map(({ headers }) => headers.authorization?.split(' ').at(-1) ?? '')
  return [...new Set(proofs)].filter((proof) => proof !== '')
}

/** Errors have nothing to show in JSON by themselves. */
function withErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? { ...value, message: value.message, stack: value.stack, cause: value.cause } : value
}

function excerpt(text: string, at: number, spelling: string): string {
  return text.slice(Math.max(0, at - 60), at + spelling.length + 20).replaceAll(spelling, '<SECRET>')
}
