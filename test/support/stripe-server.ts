import type { ServerResponse } from 'node:http'
import { type FakeProvider, type FakeRequest, startFakeProvider } from '../../src/testing/fake-provider.ts'

type StripeObject = { id: string; object: string; created: number; [name: string]: unknown }

/** See {@link startStripeServer}. */
export interface StripeServer extends FakeProvider {
  /** Keys that are accepted. */
  readonly keys: Set<string>
  /** Seconds since 1970: what new objects and events are dated with. */
  clock: number
  /** Called before each answer; answers itself by returning true. */
  intercept: ((request: FakeRequest, response: ServerResponse) => boolean) | null
  /** Makes or changes an object, and the event that tells of it. */
  put(kind: string, object: Record<string, unknown> & { id: string }, eventType?: string): StripeObject
  /** Takes an object away, and the event that tells of it. */
  remove(kind: string, id: string, eventType?: string): void
  /** Forgets all events, as Stripe does after 30 days. */
  forgetEvents(): void
  /** How many objects of a kind there are. */
  countOf(kind: string): number
}

const objectNames: Readonly<Record<string, string>> = {
  payment_intents: 'payment_intent',
  charges: 'charge',
  refunds: 'refund',
  customers: 'customer',
  events: 'event',
  webhook_endpoints: 'webhook_endpoint',
}

/**
 * A server that pages, filters, nests form fields and remembers idempotency keys as https://docs.stripe.com/api documents:
 * listings are newest first, `starting_after` answers what is older, `ending_before` what is younger and next to it.
 */
export async function startStripeServer(): Promise<StripeServer> {
  // Newest first.
  const kinds = new Map<string, StripeObject[]>(Object.keys(objectNames).map((kind) => [kind, []]))
  const answered = new Map<string, { body: string; status: number; answer: string }>()
  let count = 0

  const objectsOf = (kind: string) => {
    const objects = kinds.get(kind)
    if (objects === undefined) throw new Error(`The server has no ${kind}.`)
    return objects
  }
  const tell = (type: string, object: unknown) => {
    count += 1
    const event = { id: `evt_${count}`, object: 'event', type, api_version: '2019-02-19', livemode: false }
    objectsOf('events').unshift({ ...event, created: server.clock, data: { object: structuredClone(object) } })
  }

  const loopback = await startFakeProvider((request, response) => {
    if (server.intercept?.(request, response) === true) return
    const send = (status: number, body: unknown) => {
      const headers = { 'content-type': 'application/json', 'request-id': 'req_test' }
      const text = JSON.stringify(body)
      const key = request.headers['idempotency-key']
      if (typeof key === 'string') answered.set(key, { body: request.body, status, answer: text })
      response.writeHead(status, headers).end(text)
    }
    const refuse = (status: number, error: Record<string, unknown>) => send(status, { error })
    const key = request.headers.authorization?.replace('Bearer ', '') ?? ''
    if (!server.keys.has(key)) {
      response.writeHead(401, { 'content-type': 'application/json', 'request-id': 'req_test' })
      response.end(JSON.stringify({ error: { type: 'invalid_request_error', message: `Invalid API Key: ${key}` } }))
      return
    }
    const before = answered.get(String(request.headers['idempotency-key']))
    if (before !== undefined) {
      if (before.body !== request.body) {
        response.writeHead(400, { 'content-type': 'application/json' })
        response.end(
          JSON.stringify({
            error: { type: 'idempotency_error', message: 'Keys must be used with the same parameters.' },
          }),
        )
        return
      }
      response.writeHead(before.status, { 'content-type': 'application/json', 'idempotent-replayed': 'true' })
      response.end(before.answer)
      return
    }
    const url = new URL(request.url, 'http://stripe.test')
    const [, , kind = '', id, action] = url.pathname.split('/')
    if (!kinds.has(kind)) return refuse(404, { type: 'invalid_request_error', message: 'Unrecognized request URL' })
    const form = new URLSearchParams(request.body)
    if (request.method === 'GET' && id === undefined) return list(kind, url.searchParams, send, refuse)
    const found = objectsOf(kind).find((object) => object.id === id)
    if (id !== undefined && found === undefined) {
      return refuse(404, { code: 'resource_missing', param: 'id', message: `No such ${objectNames[kind]}: '${id}'` })
    }
    if (request.method === 'GET') return send(200, found)
    if (request.method === 'DELETE') {
      server.remove(kind, id ?? '')
      return send(200, { id, deleted: true })
    }
    if (kind === 'payment_intents' && action === 'capture') {
      return send(200, server.put(kind, { ...found, id: id ?? '', status: 'succeeded' }))
    }
    if (kind === 'payment_intents' && action === 'cancel') {
      return send(200, server.put(kind, { ...found, id: id ?? '', status: 'canceled' }))
    }
    if (kind === 'webhook_endpoints' && found !== undefined) {
      const status = form.get('disabled') === 'true' ? 'disabled' : 'enabled'
      return send(200, server.put(kind, { ...found, enabled_events: enabledEvents(form), status }))
    }
    count += 1
    return send(200, created(kind, `${kind}_${count}`, form))
  })

  function enabledEvents(form: URLSearchParams): readonly string[] {
    return [...form].flatMap(([name, value]) => (name.startsWith('enabled_events[') ? [value] : []))
  }

  function created(kind: string, id: string, form: URLSearchParams): StripeObject {
    const metadata = Object.fromEntries(
      [...form].flatMap(([name, value]) => {
        const [, field] = /^metadata\[(.+)\]$/.exec(name) ?? []
        return field === undefined ? [] : [[field, value]]
      }),
    )
    const fields = { currency: form.get('currency') ?? 'eur', amount: Number(form.get('amount')), metadata }
    switch (kind) {
      case 'payment_intents':
        return server.put(kind, { id, ...fields, status: 'requires_payment_method', client_secret: `${id}_secret_1` })
      case 'refunds': {
        const paid = objectsOf('payment_intents').find((intent) => intent.id === form.get('payment_intent'))
        const amount = form.has('amount') ? Number(form.get('amount')) : Number(paid?.amount)
        const reason = form.get('reason')
        return server.put(kind, { id, ...fields, amount, reason, status: 'succeeded', payment_intent: paid?.id })
      }
      case 'webhook_endpoints': {
        const endpoint = { id, url: form.get('url'), enabled_events: enabledEvents(form), status: 'enabled' }
        const stored = server.put(kind, endpoint)
        return { ...stored, secret: `whsec_of_${id}` }
      }
      default:
        throw new Error(`The server makes no ${kind}.`)
    }
  }

  function list(
    kind: string,
    query: URLSearchParams,
    send: (status: number, body: unknown) => void,
    refuse: (status: number, error: Record<string, unknown>) => void,
  ) {
    const types = [...query].flatMap(([name, value]) => (name.startsWith('types[') ? [value] : []))
    const until = Number(query.get('created[lte]') ?? Number.POSITIVE_INFINITY)
    const limit = Number(query.get('limit') ?? 10)
    const all = objectsOf(kind).filter(
      (object) => object.created <= until && (types.length === 0 || types.includes(String(object.type))),
    )
    for (const name of ['starting_after', 'ending_before']) {
      const id = query.get(name)
      if (id !== null && !all.some((object) => object.id === id)) {
        const message = `No such ${objectNames[kind]}: '${id}'`
        return refuse(400, { type: 'invalid_request_error', code: 'resource_missing', param: name, message })
      }
    }
    const endingBefore = query.get('ending_before')
    if (endingBefore !== null) {
      const younger = all.slice(
        0,
        all.findIndex((object) => object.id === endingBefore),
      )
      const data = younger.slice(-limit)
      return send(200, { object: 'list', data, has_more: younger.length > data.length })
    }
    const startingAfter = query.get('starting_after')
    const older = all.slice(all.findIndex((object) => object.id === startingAfter) + 1)
    const data = older.slice(0, limit)
    return send(200, { object: 'list', data, has_more: older.length > data.length })
  }

  const server: StripeServer = {
    ...loopback,
    keys: new Set(['sk_test_acme']),
    clock: 1_760_000_000,
    intercept: null,
    put(kind, object, eventType) {
      const objects = objectsOf(kind)
      const index = objects.findIndex(({ id }) => id === object.id)
      const stored = {
        object: objectNames[kind] ?? kind,
        created: server.clock,
        livemode: false,
        ...(index === -1 ? {} : objects[index]),
        ...object,
      }
      if (index === -1) objects.unshift(stored)
      else objects[index] = stored
      if (eventType !== undefined) tell(eventType, stored)
      return stored
    },
    remove(kind, id, eventType) {
      const objects = objectsOf(kind)
      const [removed] = objects.splice(
        objects.findIndex((object) => object.id === id),
        1,
      )
      if (eventType !== undefined) tell(eventType, removed)
    },
    forgetEvents: () => void objectsOf('events').splice(0),
    countOf: (kind) => objectsOf(kind).length,
  }
  return server
}
