import { github } from 'bapp-connectors/providers/github'
import type { Checklist } from './checklist.ts'
import type { DemoWorld } from './start-demo-world.ts'

/** The tenants of the demo. */
export type DemoTenant = 'acme' | 'globex'

/** The connection of each tenant, by its id. */
export type DemoConnections = Readonly<Record<DemoTenant, string>>

/** The repository of the recordings: made for them, as its name says. */
const repository = 'octokit-fixture-org/tmp-scenario-paginate-issues-20220719043836917-izyoe'

/** Makes two tenants, connects both to the same repository at GitHub, and tests the connections. */
export async function connectTenants(world: DemoWorld, checklist: Checklist): Promise<DemoConnections> {
  const connect = async (tenantId: DemoTenant, name: string) => {
    await world.prisma.tenant.create({ data: { id: tenantId, name } })
    const { connections } = world.connectors.forTenant(tenantId)
    const { token, webhookSecret } = world.secrets[tenantId]
    const { id } = await connections.create(github, {
      displayName: `GitHub of ${name}`,
      credentials: { token },
      settings: { baseUrl: world.server.origin, repository },
      webhookSecret,
    })
    const { status, message } = await connections.test(id)
    console.log(`  ${tenantId.padEnd(6)}  ${status}: ${message}`)
    checklist.expect(`${tenantId}: connection tested`, 'connected', status)
    return id
  }
  return { acme: await connect('acme', 'Acme Corp.'), globex: await connect('globex', 'Globex Corporation') }
}
