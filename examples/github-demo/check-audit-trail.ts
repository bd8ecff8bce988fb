import type { Checklist } from './checklist.ts'
import type { DemoWorld } from './start-demo-world.ts'

/** Compares the audit trail with what the server saw: every request, its tenant, its path and its answer. */
export async function checkAuditTrail({ connectors, secrets, server }: DemoWorld, checklist: Checklist): Promise<void> {
  const tokens = {
    acme: [secrets.acme.token],
    globex: [secrets.globex.token, secrets.globex.newToken],
  }
  for (const tenantId of ['acme', 'globex'] as const) {
    const seen = server.requests.filter(({ token }) => token !== null && tokens[tenantId].includes(token))
    const rows = await connectors.forTenant(tenantId).executions.list().all()
    checklist.expect(`${tenantId}: calls logged`, seen.length, rows.length)
    const refused = rows.filter(({ responseStatus }) => responseStatus === 401)
    checklist.expect(`${tenantId}: of them refused`, seen.filter(({ status }) => status === 401).length, refused.length)
    const told = rows.map(({ method, url, responseStatus }) => `${method} ${url} ${responseStatus}`).reverse()
    const asked = seen.map(({ method, path, status }) => `${method} ${server.origin}${path} ${status}`)
    checklist.expect(`${tenantId}: same calls in the same order`, true, told.join('\n') === asked.join('\n'))
  }
  const all = await connectors.operator.executions.list().all()
  checklist.expect('calls of all tenants together', server.requests.length, all.length)
}
