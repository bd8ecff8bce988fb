import type { CatalogForm, CatalogProvider } from '../core/domain/catalog.ts'
import type { ConnectionView } from '../core/domain/connection.ts'
import type { AdminConnectors } from './admin-connectors.ts'

/** What the catalog tells of a connection's provider; `null` if that isn't registered here any more. */
export function providerOf(
  providers: Pick<AdminConnectors['providers'], 'catalog'>,
  { provider }: Pick<ConnectionView, 'provider'>,
): CatalogProvider | null {
  const family = providers.catalog({ family: provider.family }).families[0]
  return family?.providers.find(({ name }) => name === provider.name) ?? null
}

/** The form for settings or credentials of a connection. */
export function formFor(
  providers: Pick<AdminConnectors['providers'], 'catalog'>,
  connection: Pick<ConnectionView, 'provider'>,
  form: 'settings' | 'credentials',
): CatalogForm {
  return providerOf(providers, connection)?.[form] ?? { schema: {}, fields: [] }
}
