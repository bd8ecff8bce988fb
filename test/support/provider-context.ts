import { createHttpTransport } from '../../src/adapters/node/http-transport.ts'
import type { AdapterContext, AdapterRequest } from '../../src/core/domain/provider.ts'

/** What a provider is given in tests: real requests over the loopback interface, but a fake clock that never sleeps. */
export function createProviderContext(options: { readonly now?: Date; readonly fraction?: number } = {}) {
  const transport = createHttpTransport({ allowPrivateNetwork: true })
  const waits: number[] = []
  const sent: AdapterRequest[] = []
  const context: Pick<AdapterContext<unknown, unknown>, 'send' | 'now' | 'wait' | 'fraction'> = {
    send: (request) => {
      sent.push(request)
      return transport({ timeoutMs: 5_000, ...request, signal: request.signal ?? null })
    },
    now: () => options.now ?? new Date('2026-01-01T00:00:00Z'),
    wait: async (ms) => {
      waits.push(ms)
    },
    fraction: () => options.fraction ?? 0.5,
  }
  return { context, waits, sent }
}
