import { tenantText } from '../../core/domain/tenant.ts'
import type { WebhookEventView } from '../../core/domain/webhook-event.ts'
import type { PageOf } from '../pages.ts'
import { ActionForm } from '../ui/action-form.tsx'
import { Facts } from '../ui/facts.tsx'
import { exactly, Instant } from '../ui/instant.tsx'
import { Layout } from '../ui/layout.tsx'
import { WebhookBadge } from '../ui/webhooks-table.tsx'
import { link } from '../visit.ts'

const mostShown = 100_000

/** One delivery, with its body as it came. */
export const webhookPage: PageOf = async (visit, { eventId = '' }) => {
  const event = await visit.sight.webhookEvent(eventId)
  const { now } = visit
  return (
    <Layout visit={visit} title={event.eventType}>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={link(visit, '/webhooks')}>Webhooks</a>
      </nav>
      <div class="head">
        <div>
          <div class="title">
            <h1>{event.eventType}</h1>
            <WebhookBadge status={event.status} />
          </div>
          <p>
            {event.provider} · tenant {tenantText(event.tenantId)} ·{' '}
            <a href={link(visit, `/connections/${event.connectionId}`)}>its connection</a>
          </p>
        </div>
        <div class="actions">
          {['rejected', 'processing', 'received'].includes(event.status) || event.purgedAt !== null ? null : (
            <ActionForm
              visit={visit}
              action={`/webhooks/${event.id}/replay`}
              needs="operate"
              label="Replay"
              tone="primary"
            />
          )}
          {['received', 'failed', 'unhandled'].includes(event.status) ? (
            <ActionForm
              visit={visit}
              action={`/webhooks/${event.id}/skip`}
              needs="operate"
              label="Give up"
              tone="danger"
              confirm="Give this webhook up? It can be replayed later."
            />
          ) : null}
        </div>
      </div>
      {event.error === null ? null : (
        <p class="notice bad">
          {event.errorKind}: {event.error}
        </p>
      )}
      <section class="card" aria-labelledby="facts">
        <h2 id="facts">Delivery</h2>
        <Facts
          facts={[
            ['Received', exactly(event.createdAt)],
            ['Processed', <Instant at={event.processedAt} now={now} missing="not yet" />],
            ['Due', <Instant at={event.availableAt} now={now} />],
            ['Signature', event.signatureValid ? 'valid' : 'not valid'],
            ['Attempts', `${event.attempts}, ${event.failureCount} failed`],
            ['Delivered', `${event.deliveries} times`],
            ['Idempotency key', <span class="mono">{event.idempotencyKey}</span>],
            ['Order', event.orderKey === null ? 'of no account' : <span class="mono">{event.orderKey}</span>],
            ['Id', <span class="mono">{event.id}</span>],
          ]}
        />
      </section>
      <section class="card" aria-labelledby="body">
        <h2 id="body">Body</h2>
        <pre>{bodyText(event)}</pre>
      </section>
      <section class="card" aria-labelledby="headers">
        <h2 id="headers">Headers</h2>
        <pre>{JSON.stringify(event.headers, null, 2)}</pre>
      </section>
    </Layout>
  )
}

function bodyText({ purgedAt, payload, rawBody }: WebhookEventView): string {
  if (purgedAt !== null) return `The body was removed on ${exactly(purgedAt)}.`
  const text =
    payload === null || typeof payload !== 'object'
      ? new TextDecoder().decode(rawBody.subarray(0, mostShown))
      : JSON.stringify(payload, null, 2)
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text || 'It is empty.'
}
