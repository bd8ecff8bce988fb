import { createHttpTransport } from '../../src/adapters/node/http-transport.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import type { AdapterContext, AdapterRequest } from '../../src/core/domain/provider.ts'

/** What a provider is given in tests: real requests over the loopback interface, but a fake clock that never sleeps. */
export function createProviderContext(
  options: { readonly now?: Date; readonly clock?: () => Date; readonly fraction?: number } = {},
) {
  const { send } = createHttpTransport({ allowPrivateNetwork: true })
  const now = options.clock ?? (() => options.now ?? new Date('2026-01-01T00:00:00Z'))
  const waits: number[] = []
  const sent: AdapterRequest[] = []
  const reported: { readonly error: unknown; readonly message: string }[] = []
  const context: Pick<AdapterContext<unknown, unknown>, 'send' | 'now' | 'wait' | 'fraction' | 'redact' | 'report'> = {
    send: (request) => {
      sent.push(request)
      const { attempt: _attempt, deadlineAt, timeoutMs = 5_000, ...rest } = request
      const leftMs = deadlineAt === undefined ? timeoutMs : Math.max(1, deadlineAt.getTime() - now().getTime())
      return send({ ...rest, timeoutMs: Math.min(timeoutMs, leftMs), signal: request.signal ?? null })
    },
    now,
    wait: async (ms, signal) => {
      waits.push(ms)
      if (signal?.aborted === true) throw new ConnectorsError('ABORTED', 'The operation was aborted while it waited.')
    },
    fraction: () => options.fraction ?? 0.5,
    redact: (text) => text,
    report: (error, message) => void reported.push({ error, message }),
  }
  return { context, waits, sent, reported }
}
