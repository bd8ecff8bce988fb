import assert from 'node:assert/strict'
import { type ErrorCode, isConnectorsError } from '../../core/domain/errors.ts'

/** Asserts that a call is refused with a `ConnectorsError` of this code. */
export async function rejectsWith(code: ErrorCode, call: () => Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(isConnectorsError(error), `expected a ConnectorsError ${code}, but it was ${String(error)}`)
    assert.equal(error.code, code)
    return true
  })
}
