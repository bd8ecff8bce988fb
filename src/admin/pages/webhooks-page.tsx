import type { WebhookStatus } from '../../core/domain/webhook-event.ts'
import type { WebhookEventFilter } from '../admin-connectors.ts'
import { readConnectionNames } from '../connection-names.ts'
import type { PageOf } from '../pages.ts'
import { ActionForm } from '../ui/action-form.tsx'
import { type Filter, Filters, filterQuery } from '../ui/filters.tsx'
import { Layout } from '../ui/layout.tsx'
import { Pager } from '../ui/pager.tsx'
import { WebhooksTable, webhookStatuses } from '../ui/webhooks-table.tsx'
import type { Visit } from '../visit.ts'
import { pageRequest } from './page-request.ts'

/** The deliveries: all that may be seen, filtered, newest first. */
export const webhooksPage: PageOf = async (visit) => {
  const filters = filtersOf(visit)
  const query = filterQuery(visit, filters)
  const { connection, status } = query
  // Of a foreign connection there is nothing to see, whatever else is asked for.
  if (connection) await visit.sight.connection(connection)
  const page = await visit.sight.verbs.webhooks.list(filterOf(visit)).page(pageRequest(visit))
  const names = await readConnectionNames(visit.sight, page.items)
  const isReplayable = connection && (!status || ['dead', 'failed', 'unhandled'].includes(status))
  return (
    <Layout visit={visit} title="Webhooks">
      <div class="head">
        <div>
          <h1>Webhooks</h1>
          <p>What providers delivered, and what became of it.</p>
        </div>
        {isReplayable ? (
          <ActionForm
            visit={visit}
            action={`/connections/${connection}/webhooks/replay`}
            needs="operate"
            label={`Replay all ${status || 'dead'} ones of this connection`}
            confirm={`Replay all ${status || 'dead'} webhooks of this connection?`}
          >
            <input type="hidden" name="status" value={status || 'dead'} />
          </ActionForm>
        ) : null}
      </div>
      <Filters visit={visit} filters={filters} />
      <WebhooksTable visit={visit} events={page.items} names={names} empty="No webhooks match." />
      <Pager visit={visit} page={page} query={query} />
    </Layout>
  )
}

function filtersOf({ providers }: Visit): readonly Filter[] {
  const all = providers.catalog().families.flatMap((family) => family.providers)
  return [
    { kind: 'text', name: 'key', label: 'Key', hint: 'idempotency key, to the letter' },
    {
      kind: 'choice',
      name: 'provider',
      label: 'Provider',
      options: all.filter(({ webhooks }) => webhooks !== null).map(({ name, label }) => [name, label] as const),
    },
    { kind: 'text', name: 'type', label: 'Type', hint: 'to the letter' },
    {
      kind: 'choice',
      name: 'status',
      label: 'State',
      options: webhookStatuses.map((status) => [status, status] as const),
    },
    {
      kind: 'choice',
      name: 'signature',
      label: 'Signature',
      options: [
        ['valid', 'valid'],
        ['invalid', 'not valid'],
      ],
    },
    { kind: 'text', name: 'connection', label: 'Connection', hint: 'id' },
  ]
}

function filterOf({ query }: Visit): WebhookEventFilter {
  const [connectionId, provider, eventType] = ['connection', 'provider', 'type'].map((name) => query.get(name))
  const [status, signature, idempotencyKey] = [query.get('status'), query.get('signature'), query.get('key')]
  return {
    ...(connectionId && { connectionId }),
    ...(provider && { provider }),
    ...(eventType && { eventType }),
    ...(isStatus(status) && { status }),
    ...(signature && { signatureValid: signature === 'valid' }),
    ...(idempotencyKey && { idempotencyKey }),
  }
}

function isStatus(value: string | null): value is WebhookStatus {
  return webhookStatuses.some((status) => status === value)
}
