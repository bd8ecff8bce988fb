import type { CatalogProvider } from '../../core/domain/catalog.ts'
import type { PageOf } from '../pages.ts'
import { Facts } from '../ui/facts.tsx'
import { Layout } from '../ui/layout.tsx'
import { link, type Visit } from '../visit.ts'

/** The providers there are to connect to. */
export const catalogPage: PageOf = async (visit) => (
  <Layout visit={visit} title="Catalog">
    <div class="head">
      <div>
        <h1>Catalog</h1>
        <p>The providers that tenants can connect to.</p>
      </div>
    </div>
    <div class="columns">
      {visit.providers
        .catalog()
        .families.flatMap((family) =>
          family.providers.map((provider) => <Provider visit={visit} provider={provider} family={family.label} />),
        )}
    </div>
  </Layout>
)

function Provider({
  visit,
  provider,
  family: familyLabel,
}: {
  visit: Visit
  provider: CatalogProvider
  family: string
}) {
  const { label, name, family, description, docsUrl, resources, webhooks, rateLimit, credentials } = provider
  return (
    <article class="card">
      <p class="eyebrow">{familyLabel}</p>
      <h2>{label}</h2>
      {description === null ? null : <p class="muted">{description}</p>}
      <Facts
        facts={[
          ['Key', <span class="mono">{provider.key}</span>],
          ['Asks for', credentials.fields.map((field) => field.label).join(', ') || 'nothing'],
          ['Syncs', resources.map((resource) => resource.label).join(', ') || 'nothing'],
          ['Webhooks', webhooks === null ? 'none' : webhooks.signature],
          ['Rate limit', rateLimit === null ? 'none' : `${rateLimit.requestsPerSecond}/s, ${rateLimit.burst} at once`],
          ['Consent page', provider.capabilities.oauth ? 'yes' : 'no'],
        ]}
      />
      <p class="links">
        <a href={link(visit, '/connections', { family, provider: name })}>Its connections</a>
        {docsUrl !== null && /^https?:\/\//.test(docsUrl) ? (
          <a href={docsUrl} rel="noreferrer noopener">
            Documentation
          </a>
        ) : null}
      </p>
    </article>
  )
}
