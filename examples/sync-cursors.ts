import type { FetchRequest } from 'bapp-connectors'
import { type HttpClient, pageByKey, pageBySince, pageByToken } from 'bapp-connectors/providers'
import { z } from 'zod'

const invoice = z.object({ id: z.string(), changedAt: z.iso.datetime().transform((text) => new Date(text)) })

/** Keyset: ids grow, and what is new has a greater one. */
export function newInvoices(http: HttpClient, request: FetchRequest) {
  return pageByKey(request, {
    keyOf: ({ id }) => id,
    resumes: true,
    fetch: async ({ after, signal }) =>
      (await http.get('/invoices', { signal, query: { starting_after: after ?? undefined } })).read(z.array(invoice)),
  })
}

/** Time: the pages of what was modified since, with a look back for a listing that lags. */
export function changedInvoices(http: HttpClient, request: FetchRequest) {
  return pageBySince(request, {
    timeOf: ({ changedAt }) => changedAt,
    idOf: ({ id }) => id,
    lookBackMs: 60_000,
    fetch: async ({ since, page, signal }) => {
      const query = { modified_since: since?.toISOString(), page: page ?? '1' }
      const answer = await http.get('/invoices', { signal, query })
      return answer.read(z.object({ items: z.array(invoice), next: z.string().nullable() }))
    },
  })
}

/** Delta token: the last page names the place from which the next run asks for changes. */
export function invoiceChanges(http: HttpClient, request: FetchRequest) {
  return pageByToken(request, {
    fetch: async ({ token, signal }) => {
      const answer = await http.get('/invoices/delta', { signal, query: { token: token ?? undefined } })
      const page = z.object({
        items: z.array(invoice),
        nextToken: z.string().nullish(),
        deltaToken: z.string().nullish(),
      })
      const { items, nextToken, deltaToken } = answer.read(page)
      return { items, next: nextToken, resume: deltaToken }
    },
  })
}
