import { expect, onTestFinished, test, vi } from 'vitest'
import type { SignatureScheme } from '../../src/core/domain/signature.ts'
import { shop } from '../support/shop-provider.ts'
import { createShopWorld } from '../support/shop-world.ts'

/** A delivery as it is made. */
interface Delivery {
  readonly body: string
  readonly at: Date
  readonly url: string
}

/** The two halves of a secret; the same text where it is shared. */
interface Key {
  readonly signing: string
  readonly verifying: string
}

/** A service: how it signs, by its own code or by ours, and what its own code says to a delivery. */
interface Vendor {
  readonly signature: SignatureScheme
  readonly keys: readonly [Key, Key]
  readonly bodies: readonly string[]
  readonly url?: string
  readonly sign: (delivery: Delivery, secret: string) => Promise<Headers> | Headers
  /** Absent where its code only signs. */
  readonly accepts?: (delivery: Delivery & { readonly headers: Headers }, secret: string) => Promise<boolean> | boolean
  /** Whether the scheme signs an instant, and whether its own code looks at it. */
  readonly instant: 'none' | 'signed' | 'signed, past checked' | 'signed and checked'
}

type Headers = Readonly<Record<string, string>>

const minute = 60_000

/** A key that both sides know. */
export const shared = (secret: string): Key => ({ signing: secret, verifying: secret })

/** Registers what has to hold for every service. */
export function describeVendor(vendor: Vendor): void {
  const { signature, keys, bodies, url = 'https://app.example/webhooks/1', instant } = vendor
  const [key, otherKey] = keys

  /** A connection that knows one secret; answers what became of a delivery, and checks that the vendor's code agrees. */
  async function receiver() {
    const world = await createShopWorld({
      providers: [{ ...shop, webhooks: { ...shop.webhooks!, signature, deliveryId: null } }],
    })
    const { id } = await world.connect('acme', { test: false })
    const { connections, webhooks } = world.connectors.forTenant('acme')
    await connections.rotateWebhookSecret(id, { secret: key.verifying, graceMs: 0 })
    // Vendors read the time of the machine.
    vi.useFakeTimers({ toFake: ['Date'], now: world.clock.now() })
    onTestFinished(() => void vi.useRealTimers())
    return {
      ...world,
      rotate: (secret: string, graceMs: number) => connections.rotateWebhookSecret(id, { secret, graceMs }),
      receive: async (delivery: Delivery & { readonly headers: Headers }) => {
        const body = Buffer.from(delivery.body)
        return (await webhooks.receive(id, { headers: delivery.headers, body, url: delivery.url })).status
      },
    }
  }

  async function signed(change: Partial<Delivery> & { readonly at: Date }, secret = key.signing) {
    const delivery = { body: bodies[0] ?? '', url, ...change }
    return { ...delivery, headers: await vendor.sign(delivery, secret) }
  }

  /** What the vendor's own code says must be what we say, if it says anything. */
  async function expectSame(delivery: Delivery & { readonly headers: Headers }, isAccepted: boolean) {
    if (vendor.accepts !== undefined) expect(await vendor.accepts(delivery, key.verifying)).toBe(isAccepted)
  }

  test.each([...bodies, ''])('a genuine delivery is accepted: %j', async (body) => {
    const { receive, clock } = await receiver()
    const delivery = await signed({ at: clock.now(), body })
    expect(await receive(delivery)).toBe('accepted')
    if (body !== '') await expectSame(delivery, true)
  })

  test('the names of the headers may be in any case', async () => {
    const { receive, clock } = await receiver()
    const [body = '', next = ''] = [`${bodies[0]} `, `${bodies[0]}  `]
    const inCase = async (text: string, change: (name: string) => string) => {
      const delivery = await signed({ at: clock.now(), body: text })
      const headers = Object.fromEntries(Object.entries(delivery.headers).map(([name, value]) => [change(name), value]))
      return receive({ ...delivery, headers })
    }
    expect(await inCase(body, (name) => name.toUpperCase())).toBe('accepted')
    expect(await inCase(next, (name) => name.toLowerCase())).toBe('accepted')
  })

  test('a changed or cut body, a changed or cut signature, none, and another secret are rejected', async () => {
    const { receive, clock } = await receiver()
    const genuine = await signed({ at: clock.now() })
    const withHeaders = (change: (value: string) => string) => ({
      ...genuine,
      headers: Object.fromEntries(Object.entries(genuine.headers).map(([name, value]) => [name, change(value)])),
    })
    const forged = [
      { ...genuine, body: genuine.body.replace('1', '2') },
      { ...genuine, body: genuine.body.slice(0, -1) },
      { ...genuine, body: '' },
      withHeaders((value) => value.slice(0, -3)),
      withHeaders((value) => `${value}0`),
      await signed({ at: clock.now() }, otherKey.signing),
    ]
    for (const delivery of forged) {
      expect(await receive(delivery)).toBe('rejected')
      if (delivery.body !== '') await expectSame(delivery, false)
    }
    expect(await receive({ ...genuine, headers: {} })).toBe('rejected')
    expect(await receive(withHeaders((value) => `${value}, ${value}`))).toBe('rejected')
    expect(await receive(genuine)).toBe('accepted')
  })

  test('while a secret is rotated both are accepted, after the grace the new one alone', async () => {
    const { receive, rotate, clock } = await receiver()
    await rotate(otherKey.verifying, minute)
    expect(await receive(await signed({ at: clock.now() }))).toBe('accepted')
    expect(await receive(await signed({ at: clock.now(), body: `${bodies[0]} ` }, otherKey.signing))).toBe('accepted')
    await clock.advance(minute)
    expect(await receive(await signed({ at: clock.now(), body: `${bodies[0]}  ` }))).toBe('rejected')
    expect(await receive(await signed({ at: clock.now(), body: `${bodies[0]}   ` }, otherKey.signing))).toBe('accepted')
  })

  if (instant !== 'none') {
    test('what was signed five minutes ago or ahead is accepted, a second more is not', async () => {
      const { receive, clock } = await receiver()
      const signedAt = (offsetMs: number) => signed({ at: new Date(clock.now().getTime() + offsetMs) })
      for (const offsetMs of [-5 * minute - 1_000, 5 * minute + 1_000]) {
        const delivery = await signedAt(offsetMs)
        expect(await receive(delivery)).toBe('rejected')
        const isChecked = instant === 'signed and checked' || (instant === 'signed, past checked' && offsetMs < 0)
        if (isChecked) await expectSame(delivery, false)
      }
      expect(await receive(await signedAt(-5 * minute))).toBe('accepted')
      const ahead = await receive(await signedAt(5 * minute))
      expect(['accepted', 'duplicate']).toContain(ahead)
    })
  }
}
