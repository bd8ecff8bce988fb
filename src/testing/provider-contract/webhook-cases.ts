import assert from 'node:assert/strict'
import { coversBody } from '../../core/domain/signature.ts'
import type { ReceiveResult } from '../../core/domain/webhook-outcome.ts'
import { signWebhook } from '../sign-webhook.ts'
import type { ProviderContractCase, ProviderContractContext } from './provider-contract-case.ts'
import type { ContractDelivery, WebhookFixtures } from './provider-fixtures.ts'
import { type Stand, withStand } from './with-stand.ts'

const url = 'https://app.example/webhooks/contract'
const dayMs = 24 * 60 * 60 * 1_000

/** Which deliveries are believed, told apart and read. */
export const webhookCases: readonly ProviderContractCase[] = [
  {
    id: 'webhooks/accepted',
    title: 'every genuine delivery is accepted, has its type, and reaches the handlers as an event of that type',
    needs: ['webhooks'],
    run: (context) =>
      withWebhooks(context, async ({ deliveries, deliver, process, stand }) => {
        for (const [index, delivery] of deliveries.entries()) {
          const result = await deliver(delivery)
          assert.equal(result.status, 'accepted', 'reason' in result ? result.reason : undefined)
          assert.ok(result.status === 'accepted')
          assert.equal(result.event.eventType, delivery.type)
          assert.equal(await process(result), 'processed')
          assert.equal(stand.handled[index]?.type, delivery.type)
        }
      }),
  },
  {
    id: 'webhooks/rejected',
    title: 'a delivery that was changed, signed with another secret or not signed at all is rejected',
    needs: ['webhooks', 'signature'],
    run: (context) =>
      withWebhooks(context, async ({ deliveries: [delivery], deliver, forgedSecret, signature }) => {
        const isRejected = async (what: string, result: Promise<ReceiveResult>) =>
          assert.equal((await result).status, 'rejected', what)
        await isRejected('not signed', deliver(delivery, { isSigned: false }))
        if (forgedSecret !== null) await isRejected('another secret', deliver(delivery, { secret: forgedSecret }))
        if (coversBody(signature)) await isRejected('changed', deliver(delivery, { append: ' ' }))
      }),
  },
  {
    id: 'webhooks/stale',
    title: 'a delivery that was signed a day ago is rejected',
    needs: ['webhooks', 'timestamp'],
    run: (context) =>
      withWebhooks(context, async ({ deliveries: [delivery], deliver }) => {
        assert.equal((await deliver(delivery, { ageMs: dayMs })).status, 'rejected')
      }),
  },
  {
    id: 'webhooks/duplicate',
    title: 'a delivery that comes again, signed anew, is a duplicate and is handled once; another event is none',
    needs: ['webhooks', 'identity'],
    run: (context) =>
      withWebhooks(context, async ({ deliveries: [first, second], deliver, process, stand }) => {
        const accepted = await deliver(first)
        assert.equal(accepted.status, 'accepted')
        assert.equal(await process(accepted), 'processed')
        // The same event, sent once more a minute later.
        stand.pass(60_000)
        assert.equal((await deliver(first)).status, 'duplicate')
        assert.equal(stand.handled.length, 1)
        assert.equal((await deliver(second)).status, 'accepted')
      }),
  },
  {
    id: 'webhooks/malformed',
    title:
      'a body that the service does not document is stored, and processing it fails instead of making an event of it',
    needs: ['webhooks'],
    run: (context) =>
      withWebhooks(context, async ({ deliveries: [{ type, headers }], deliver, process, stand }) => {
        for (const body of ['{"half":', '"text"', 'null', '[]']) {
          const result = await deliver({ type, body, ...(headers && { headers }) })
          assert.notEqual(result.status, 'rejected', `${body}: signed, so it is stored`)
          if (result.status !== 'accepted') continue
          assert.equal(await process(result), 'failed', body)
        }
        assert.deepEqual(stand.handled, [])
      }),
  },
]

interface Webhooks {
  readonly stand: Stand
  readonly signature: NonNullable<ProviderContractContext['provider']['webhooks']>['signature']
  readonly deliveries: WebhookFixtures['deliveries']
  /** A secret of the same form as the right one; `null` where a text of one's own has not the form. */
  readonly forgedSecret: string | null
  readonly deliver: (
    delivery: ContractDelivery,
    how?: {
      readonly isSigned?: boolean
      readonly secret?: string
      /** To the body, once it is signed. */
      readonly append?: string
      readonly ageMs?: number
    },
  ) => Promise<ReceiveResult>
  /** Answers what became of it. */
  readonly process: (result: ReceiveResult) => Promise<string>
}

async function withWebhooks(
  context: ProviderContractContext,
  check: (webhooks: Webhooks) => Promise<void>,
): Promise<void> {
  const { provider, fixtures } = context
  assert.ok(provider.webhooks !== null && fixtures.webhooks !== undefined, 'the fixtures need `webhooks`')
  const { signature } = provider.webhooks
  const { secret, signingSecret = secret, deliveries, sign } = fixtures.webhooks
  const takesAnyText = signature.kind === 'token' || (signature.kind === 'hmac' && !signature.secretForm)
  return withStand(context, (stand) =>
    check({
      stand,
      signature,
      deliveries,
      forgedSecret: takesAnyText ? `${signingSecret}-of-somebody-else` : null,
      async deliver({ body, headers = {} }, { isSigned = true, append = '', ageMs = 0, ...how } = {}) {
        const text = typeof body === 'string' ? body : JSON.stringify(body)
        const toSign = {
          rawBody: Buffer.from(text),
          secret: how.secret ?? signingSecret,
          now: new Date(stand.now().getTime() - ageMs),
          url,
          headers,
        }
        const signed = isSigned ? await (sign?.(toSign) ?? signWebhook(signature, toSign)) : {}
        const delivery = { headers: { ...headers, ...signed }, body: Buffer.from(text + append), url }
        return stand.tenant.webhooks.receive(stand.connectionId, delivery)
      },
      async process(result) {
        return 'event' in result ? (await stand.tenant.webhooks.process(result.event.id)).status : result.status
      },
    }),
  )
}
