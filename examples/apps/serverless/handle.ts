import { timingSafeEqual } from 'node:crypto'
import { connect, connectors, deliveries } from '../connectors.ts'

/**
 * The whole application as one function, for platforms that start it for a request and freeze it after the answer. What
 * such a freeze interrupts is in the database: the next call of `/cron` goes on with it.
 */
export async function handle(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname === '/cron') return isScheduler(request) ? runDue() : new Response('unauthorized', { status: 401 })
  if (pathname.startsWith('/api/')) return api(request, pathname)
  return connectors.handler(request)
}

/** Nothing runs by itself: a scheduler outside calls it, e.g. every minute. Calls may overlap. */
async function runDue(): Promise<Response> {
  const { sync, webhooks } = connectors.operator
  const [syncs, processed] = await Promise.all([sync.runDue({ limit: 10 }), webhooks.processDue({ limit: 100 })])
  return Response.json({ syncs: syncs.length, webhooks: processed.length })
}

function isScheduler({ headers }: Request): boolean {
  const expected = Buffer.from(`Bearer ${process.env.CRON_SECRET ?? ''}`)
  const given = Buffer.from(headers.get('authorization') ?? '')
  return Boolean(process.env.CRON_SECRET) && given.length === expected.length && timingSafeEqual(given, expected)
}

async function api(request: Request, pathname: string): Promise<Response> {
  // The header stands for whatever tells you which tenant is asking.
  const tenantId = request.headers.get('x-tenant') ?? ''
  if (request.method === 'POST') return Response.json(await connect(tenantId, await request.json()), { status: 201 })
  return Response.json(await deliveries(tenantId, pathname.split('/')[3] ?? ''))
}
