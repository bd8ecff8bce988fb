import type { createConnectors } from 'bapp-connectors'
import type { github } from 'bapp-connectors/providers/github'

/** Has GitHub deliver events of the connection's repository. Answers whether it does. */
export async function registerWebhook(
  connectors: ReturnType<typeof createConnectors<readonly [typeof github], string>>,
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
): Promise<boolean> {
  const acme = connectors.forTenant(tenantId)
  const [webhook] = await acme.webhooks.register(connectionId, ['issues.opened', 'push'])
  return webhook?.isActive === true
}
