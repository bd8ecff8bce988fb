import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../src/adapters/memory/memory-repositories.ts'
import { ConnectorsError } from '../../src/core/domain/errors.ts'
import type { Adapter, WebhookSubscription, WebhookSubscriptions } from '../../src/core/domain/provider.ts'
import { signatures } from '../../src/providers/kit/signatures.ts'
import { signWebhook } from '../../src/testing/sign-webhook.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorldOver } from '../support/shop-world.ts'

interface Hook extends WebhookSubscription {
  readonly secret: string
}

/** What a provider has registered, and where calls of it wait for each other or fail. */
function hookKeeper() {
  const hooks = new Map<string, Hook>()
  let count = 0
  let meetings: (() => Promise<void>)[] = []
  const failing = new Set<string>()
  const refuseIf = (verb: string) => {
    if (!failing.has(verb)) return
    throw new ConnectorsError('PROVIDER_UNAVAILABLE', `${verb} failed`, { status: 502 })
  }
  const list = async (_: Adapter, url: string) => {
    const present = [...hooks.values()].filter((hook) => hook.url === url)
    await meetings.shift()?.()
    return present.map(({ secret: _secret, ...hook }) => hook)
  }
  const make = (url: string, events: readonly string[], secret?: string) => {
    count += 1
    const id = String(count)
    const hook = { id, url, events, isActive: true, secret: secret ?? `whsec_of_${id}` }
    hooks.set(id, hook)
    return hook
  }
  const subscriptions = (kind: 'given' | 'told'): WebhookSubscriptions<Adapter> => ({
    secret: kind,
    list,
    put: async (adapter, { url, events, secret, known }) => {
      const present = await list(adapter, url)
      refuseIf('put')
      if (kind === 'told') {
        const kept = present.find(({ id }) => known.includes(id))
        return [kept ?? make(url, events)]
      }
      return events.map((event) => {
        const found = present.find((hook) => hook.events[0] === event)
        if (found === undefined) return make(url, [event], secret ?? '')
        hooks.set(found.id, { ...found, secret: secret ?? '' })
        return found
      })
    },
    remove: async (_, id) => {
      refuseIf('remove')
      if (!hooks.delete(id)) throw new ConnectorsError('PROVIDER_REJECTED', 'there is no such hook', { status: 404 })
    },
  })
  return {
    hooks,
    make,
    subscriptions,
    failing,
    /** Twice, a list of either call answers only when that of the other has looked, too. */
    meet: () => {
      const pairOf = () => {
        let arrived = 0
        let release = () => {}
        const both = new Promise<void>((resolve) => {
          release = resolve
        })
        const arrive = async () => {
          arrived += 1
          if (arrived === 2) release()
          await both
        }
        return [arrive, arrive]
      }
      meetings = [...pairOf(), ...pairOf()]
    },
  }
}

async function twoProcesses(kind: 'given' | 'told') {
  const keeper = hookKeeper()
  const provider = {
    ...shop,
    webhooks: { ...shop.webhooks!, signature: kind === 'told' ? signatures.stripe : signatures.github },
    subscriptions: keeper.subscriptions(kind),
  }
  const repositories = memoryRepositories<string>()
  const options = { providers: [provider] as const, webhooks: { baseUrl: 'https://app.test/hooks' } }
  const one = await createShopWorldOver(repositories, options)
  const other = await createShopWorldOver(repositories, { ...options, clock: one.clock })
  const { id } = await one.connect('acme')
  const [first, second] = [one, other].map(({ connectors }) => connectors.forTenant('acme').webhooks)
  if (first === undefined || second === undefined) throw new Error('there are two')
  let count = 0
  const deliver = async (secret: string) => {
    count += 1
    const body = Buffer.from(JSON.stringify({ id: `evt_${count}`, type: 'order.created' }))
    const headers = signWebhook(provider.webhooks.signature, { rawBody: body, secret, now: one.clock.now() })
    return (await first.receive(id, { headers, body })).status
  }
  return { ...keeper, first, second, id, clock: one.clock, deliver, connectors: one.connectors }
}

const day = 24 * 3_600_000

describe('two processes register at once', () => {
  test('where the secret is given: one webhook for each event stays, signed with what is accepted', async () => {
    const { first, second, id, hooks, meet, deliver } = await twoProcesses('given')
    meet()
    const [a, b] = await Promise.all([
      first.register(id, ['order.created', 'order.paid']),
      second.register(id, ['order.created', 'order.paid']),
    ])
    expect([...hooks.values()].map(({ events }) => events[0]).sort()).toEqual(['order.created', 'order.paid'])
    for (const answer of [a, b]) for (const hook of answer) expect(hooks.has(hook.id)).toBe(true)
    for (const { secret } of hooks.values()) expect(await deliver(secret)).toBe('accepted')
  })

  test('where the provider tells it: what is left is accepted, also after a day', async () => {
    const { first, second, id, hooks, meet, deliver, clock } = await twoProcesses('told')
    meet()
    await Promise.all([first.register(id, ['*']), second.register(id, ['*'])])
    expect(hooks.size).toBeGreaterThan(0)
    await clock.advance(day + 1)
    for (const { secret } of hooks.values()) expect(await deliver(secret)).toBe('accepted')
    await first.register(id, ['*'])
    expect(hooks.size).toBe(1)
  })
})

describe('where the provider tells the secret', () => {
  test('a failure to end the former one loses no secret, and the next call ends it', async () => {
    const { first, id, hooks, make, failing, deliver } = await twoProcesses('told')
    make(`https://app.test/hooks/${id}`, ['*'])
    make('https://app.test/hooks/another', ['*'])
    failing.add('remove')
    await expect(first.register(id, ['*'])).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
    expect(await deliver('whsec_of_3')).toBe('accepted')
    failing.clear()
    expect(await first.register(id, ['*'])).toMatchObject([{ id: '3' }])
    expect([...hooks.keys()]).toEqual(['2', '3'])
  })

  test('a new secret comes with a new webhook, before the former one ends, whose deliveries are accepted for a day', async () => {
    const { first, id, hooks, deliver, clock, failing } = await twoProcesses('told')
    await first.register(id, ['*'])
    failing.add('put')
    await expect(first.register(id, ['*'], { newSecret: true })).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
    await clock.advance(day + 1)
    expect([...hooks.keys()]).toEqual(['1'])
    expect(await deliver('whsec_of_1')).toBe('accepted')
    failing.clear()
    expect(await first.register(id, ['*'], { newSecret: true })).toMatchObject([{ id: '2' }])
    expect([...hooks.keys()]).toEqual(['2'])
    expect([await deliver('whsec_of_1'), await deliver('whsec_of_2')]).toEqual(['accepted', 'accepted'])
    await clock.advance(day + 1)
    expect([await deliver('whsec_of_1'), await deliver('whsec_of_2')]).toEqual(['rejected', 'accepted'])
  })
})

describe('where the secret is given', () => {
  test('a new one is accepted before it is handed over, and the former one for a day more', async () => {
    const { first, id, hooks, deliver, clock, failing } = await twoProcesses('given')
    await first.register(id, ['order.created'])
    const old = hooks.get('1')?.secret ?? ''
    failing.add('put')
    await expect(first.register(id, ['order.created'], { newSecret: true })).rejects.toThrow('put failed')
    expect([hooks.get('1')?.secret, await deliver(old)]).toEqual([old, 'accepted'])
    failing.clear()
    // Whoever was interrupted calls again: the new one is there already.
    await first.register(id, ['order.created'])
    const next = hooks.get('1')?.secret ?? ''
    expect(next).not.toBe(old)
    expect([await deliver(old), await deliver(next)]).toEqual(['accepted', 'accepted'])
    await clock.advance(day + 1)
    expect([await deliver(old), await deliver(next)]).toEqual(['rejected', 'accepted'])
  })

  test('what somebody else has ended meanwhile has ended', async () => {
    const { first, second, id, hooks, meet } = await twoProcesses('given')
    await first.register(id, ['order.created'])
    meet()
    await Promise.all([first.unregister(id), second.unregister(id)])
    expect(hooks.size).toBe(0)
  })
})

test.each([{ newSecrets: true }, { newSecret: 1 }, null, 'newSecret'])('options of %j are refused', async (options) => {
  const { first, id, hooks } = await twoProcesses('given')
  await expect(first.register(id, ['*'], options as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect(hooks.size).toBe(0)
})
