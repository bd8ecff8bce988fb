import type { createConnectors } from 'bapp-connectors'
import { signatures } from 'bapp-connectors/providers'

/** A route of your own: an old address that a partner still delivers to, signed in his own way with his own secret. */
export async function partnerRoute(
  connectors: Pick<ReturnType<typeof createConnectors>, 'operator'>,
  { connectionId, secret, request }: { connectionId: string; secret: string; request: Request },
): Promise<Response> {
  const { webhooks } = connectors.operator
  const result = await webhooks.receive(connectionId, request, { scheme: signatures.github, secrets: [secret] })
  if (result.status === 'rejected') return new Response('unauthorized', { status: 401 })
  if (result.status === 'challenge') return new Response(result.answer.body, { status: result.answer.status })
  // Optional: else the next `processDue` does it.
  for (const { isNew, event } of result.events) if (isNew) await webhooks.process(event.id)
  return new Response()
}
