import type { CatalogField, createConnectors } from 'bapp-connectors'

type Providers = ReturnType<typeof createConnectors>['providers']

/** What a page needs to let a tenant choose a shop and enter its keys. */
export function connectForm(providers: Pick<Providers, 'catalog'>) {
  const { families } = providers.catalog({ family: 'shop', families: { shop: { label: 'Läden' } } })
  return families.map(({ label, color, providers: shops }) => ({
    title: label,
    color,
    choices: shops.map((shop) => ({ key: shop.key, label: shop.label, inputs: shop.credentials.fields.map(inputOf) })),
  }))
}

function inputOf({ name, label, help, placeholder, isSecret, isRequired }: CatalogField) {
  return { name, label, help, placeholder, type: isSecret ? 'password' : 'text', required: isRequired }
}
