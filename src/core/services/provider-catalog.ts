import type { Catalog, CatalogProvider, CatalogRequest, FamilyPresentation } from '../domain/catalog.ts'
import { deepFreeze } from '../domain/deep-freeze.ts'
import { describeForm } from '../domain/describe-form.ts'
import { ConnectorsError } from '../domain/errors.ts'
import { labelOf } from '../domain/label-of.ts'
import type { AnyProvider } from '../domain/provider.ts'
import { isSecretCredential, isSecretField } from '../domain/secret-field.ts'
import { anything, checkFields, text } from './check-fields.ts'

type Presentations = NonNullable<CatalogRequest['families']>

/** Tells what there is to connect to. @throws {ConnectorsError} `INVALID_INPUT`, `INVALID_PROVIDER`. */
export type ProviderCatalog = (request?: CatalogRequest) => Catalog

/**
 * Makes the catalog of some providers.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` when `families` names one that no provider belongs to.
 */
export function createProviderCatalog(
  providers: readonly AnyProvider[],
  { families, hasOAuth }: { readonly families: Presentations; readonly hasOAuth: (provider: AnyProvider) => boolean },
): ProviderCatalog {
  const known = [...new Set(providers.map(({ family }) => family))]
  const requireKnown = (code: 'INVALID_OPTIONS' | 'INVALID_INPUT', what: string, presented: Presentations) => {
    const stranger = Object.keys(presented).find((name) => !known.includes(name))
    if (stranger === undefined) return
    throw new ConnectorsError(code, `${what} names the family "${stranger}"; there are: ${known.join(', ')}.`)
  }
  requireKnown('INVALID_OPTIONS', 'createConnectors: families', families)

  // Made when it is first asked for: most processes never are.
  const views = new Map<AnyProvider, CatalogProvider>()
  const viewOf = (provider: AnyProvider) => {
    const view = views.get(provider) ?? deepFreeze(describeProvider(provider, hasOAuth(provider)))
    views.set(provider, view)
    return view
  }

  return (request = {}) => {
    checkFields('The argument of providers.catalog', request, { family: text, families: anything })
    const { family: only, families: asked = {} } = request
    checkPresentations(asked)
    requireKnown('INVALID_INPUT', 'The argument of providers.catalog', asked)
    const names = known.filter((name) => only === undefined || name === only)
    return deepFreeze({
      families: names.map((name) => {
        const members = providers.filter(({ family }) => family === name)
        const told = [asked[name], families[name], ...members.map((member) => member.familyPresentation)]
        const first = (key: keyof FamilyPresentation) => told.find((entry) => entry?.[key] !== undefined)?.[key] ?? null
        return {
          name,
          label: first('label') ?? labelOf(name),
          icon: first('icon'),
          color: first('color'),
          providers: members.map(viewOf),
        }
      }),
    })
  }
}

function checkPresentations(asked: unknown): asserts asked is Presentations {
  const what = 'The families in the argument of providers.catalog'
  if (typeof asked !== 'object' || asked === null || Array.isArray(asked)) checkFields(what, asked, {})
  for (const presentation of Object.values(asked ?? {})) {
    checkFields(what, presentation, { label: text, icon: text, color: text })
  }
}

function describeProvider(provider: AnyProvider, hasOAuth: boolean): CatalogProvider {
  const { family, name, label, version, description, docsUrl, icon, allowMultiple } = provider
  const { methods, choiceFields, resources, webhooks, rateLimit } = provider
  const { credentials, settings } = provider
  const form = (what: 'credentials' | 'settings', isSecret: (field: string) => boolean) => {
    try {
      return describeForm(provider[what], { isSecret, choiceFields })
    } catch (error) {
      throw new ConnectorsError(
        'INVALID_PROVIDER',
        `The ${what} of ${family}/${name} can't be shown as a form: its metadata must be JSON.`,
        { cause: error },
      )
    }
  }
  return {
    key: `${family}.${name}`,
    family,
    name,
    label,
    version,
    description,
    docsUrl,
    icon,
    allowMultiple,
    capabilities: {
      sync: Object.keys(resources).length > 0,
      webhooks: webhooks !== null,
      oauth: hasOAuth,
      choices: choiceFields.length > 0,
    },
    // Copies: what is frozen here must not be the provider's own.
    methods: methods && [...methods],
    credentials: form('credentials', (field) => isSecretCredential(credentials, field)),
    settings: form('settings', (field) => isSecretField(settings, field)),
    resources: Object.entries(resources).map(([resource, { label: called, incremental }]) => ({
      name: resource,
      label: called ?? labelOf(resource),
      isIncremental: incremental,
    })),
    webhooks: webhooks && {
      eventTypes: webhooks.eventTypes === undefined ? null : [...webhooks.eventTypes],
      signature: webhooks.signature.kind,
    },
    rateLimit: rateLimit && { ...rateLimit },
  }
}
