import type { CatalogProvider } from '../core/domain/catalog.ts'
import { defineCommand } from './command.ts'
import { textTable } from './text-table.ts'
import { appOptions, withApp } from './with-app.ts'

/** `bapp-connectors providers`: what there is to connect to. */
export const providersCommand = defineCommand(
  {
    name: 'providers',
    summary: 'list the providers of your instance, and what they can do',
    operands: [],
    options: appOptions,
    notes: 'With --json it is the catalog: forms, event types and rate limits too.',
  },
  async (environment, { json = false, ...values }) =>
    withApp(environment, values, async ({ providers }) => {
      const catalog = providers.catalog()
      environment.write(json ? `${JSON.stringify(catalog, null, 2)}\n` : described(catalog.families))
      return undefined
    }),
)

function described(families: readonly { readonly providers: readonly CatalogProvider[] }[]): string {
  const rows = families.flatMap(({ providers }) =>
    providers.map(({ family, name, version, resources, webhooks, capabilities }) => [
      family,
      name,
      version ?? '-',
      resources.map((resource) => resource.name).join(', ') || '-',
      webhooks === null ? '-' : webhooks.signature,
      capabilities.oauth ? 'yes' : '-',
    ]),
  )
  if (rows.length === 0) return 'There are no providers: give createConnectors some.\n'
  return textTable(['family', 'name', 'version', 'resources', 'webhooks', 'oauth'], rows)
}
