import assert from 'node:assert/strict'
import type { ErrorCode } from '../../core/domain/errors.ts'
import { type Asked, forEachQuestion, type Question } from './ask-service.ts'
import type { ProviderContractCase } from './provider-contract-case.ts'
import type { Stand } from './with-stand.ts'

const always = Number.POSITIVE_INFINITY
const twoMinutesMs = 120_000

/** What a refusal of the service becomes, and what it does to the connection. */
export const answerCases: readonly ProviderContractCase[] = [
  {
    id: 'answers/unauthorized',
    title: 'refused credentials are an authentication failure: three in a row disable the connection, once',
    run: (context) =>
      forEachQuestion(context, async (stand, { name, ask }) => {
        stand.world.service.fail(context.fixtures.says?.unauthorized ?? { status: 401 }, always)
        for (const count of [1, 2, 3]) {
          failedWith(await ask(), 'AUTHENTICATION_FAILED', name)
          const { authFailureCount, isEnabled } = await viewOf(stand)
          assert.deepEqual({ authFailureCount, isEnabled }, { authFailureCount: count, isEnabled: count < 3 }, name)
        }
        assert.equal((await ask()).status, 'closed', name)
        assert.equal(stand.events.filter((told) => told.name === 'connection.disabled').length, 1, name)
      }),
  },
  {
    id: 'answers/forbidden',
    title: 'what the credentials do not allow is a lack of permission, and no harm to the connection',
    run: (context) =>
      forEachQuestion(context, async (stand, { name, ask }) => {
        stand.world.service.fail(context.fixtures.says?.forbidden ?? { status: 403 }, always)
        failedWith(await ask(), 'PERMISSION_DENIED', name)
        await isUnharmed(stand, name)
        assert.equal((await viewOf(stand)).pausedUntil, null, name)
      }),
  },
  {
    id: 'answers/rate-limited',
    title: 'a service that asks to be left alone for a while is left alone until then',
    run: (context) =>
      forEachQuestion(context, async (stand, { name, ask }) => {
        const limit = { status: 429, headers: { 'retry-after': '120' } }
        stand.world.service.fail(context.fixtures.says?.rateLimited ?? limit, always)
        const { retryAfterMs = 0 } = failedWith(await ask(), 'RATE_LIMITED', name)
        assert.ok(Math.abs(retryAfterMs - twoMinutesMs) <= 2_000, `${name}: two minutes, not ${retryAfterMs} ms`)
        await isUnharmed(stand, name)
        const pausedMs = ((await viewOf(stand)).pausedUntil?.getTime() ?? 0) - stand.now().getTime()
        assert.ok(pausedMs >= retryAfterMs, `${name}: paused for two minutes, not ${pausedMs} ms`)
        const sent = stand.world.service.requests.length
        assert.equal((await ask()).status, 'closed', name)
        assert.equal(stand.world.service.requests.length, sent, `${name}: nothing was sent`)
        stand.world.service.recover()
        stand.pass(pausedMs + 1)
        await isAnswered(ask, name)
        assert.equal((await viewOf(stand)).pausedUntil, null, name)
      }),
  },
  {
    id: 'answers/unavailable',
    title: 'a service that fails is unavailable: it may be tried again, and five times in a row are a pause',
    run: (context) =>
      forEachQuestion(context, async (stand, { name, ask }) => {
        stand.world.service.fail(context.fixtures.says?.unavailable ?? { status: 503 }, always)
        for (const count of [1, 2, 3, 4, 5]) {
          const { retryable } = failedWith(await ask(), 'PROVIDER_UNAVAILABLE', name)
          assert.equal(retryable, true, name)
          assert.equal((await viewOf(stand)).pausedUntil !== null, count === 5, `${name}: paused after ${count}`)
        }
        await isUnharmed(stand, name)
      }),
  },
  {
    id: 'answers/cut-off',
    title: 'an answer that is cut off, torn or no JSON is no answer: nothing is taken from it',
    run: (context) =>
      forEachQuestion(context, async (stand, { name, ask }) => {
        for (const fault of ['truncated', 'half-json', 'not-json', 'reset'] as const) {
          stand.world.service.fail(fault, always)
          failedWith(await ask(), 'PROVIDER_UNAVAILABLE', `${name}, ${fault}`)
          assert.deepEqual(stand.delivered(name), [], `${name}, ${fault}`)
          stand.world.service.recover()
        }
        await isUnharmed(stand, name)
        await isAnswered(ask, name)
      }),
  },
]

function failedWith(asked: Asked, code: ErrorCode, name: string) {
  assert.equal(asked.status, 'failed', name)
  // What has failed has an error: the check above says so to people, this one to the compiler.
  assert.ok(asked.status === 'failed')
  assert.equal(asked.error.code, code, `${name}: ${asked.error.message}`)
  return asked.error
}

async function isAnswered(ask: Question['ask'], name: string): Promise<void> {
  const asked = await ask()
  assert.equal(asked.status, 'answered', `${name}: ${asked.status === 'failed' ? asked.error.message : ''}`)
}

async function isUnharmed(stand: Stand, name: string): Promise<void> {
  const { isEnabled, isConnected, authFailureCount } = await viewOf(stand)
  const unharmed = { isEnabled: true, isConnected: true, authFailureCount: 0 }
  assert.deepEqual({ isEnabled, isConnected, authFailureCount }, unharmed, name)
}

function viewOf({ tenant, connectionId }: Stand) {
  return tenant.connections.get(connectionId)
}
