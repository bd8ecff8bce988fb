import { link, type Visit } from '../visit.ts'
import { Layout } from './layout.tsx'

/** The last page before one of the provider's. */
export function Leaving({ visit, url, to }: { visit: Visit; url: string; to: string }) {
  return (
    <Layout visit={visit} title="Consent page">
      <div class="empty">
        <h1>On to {new URL(url).host}</h1>
        <p>The account is connected anew on the provider’s consent page, within ten minutes and in this browser.</p>
        <p class="choices">
          <a class="button primary" href={url} rel="noreferrer">
            Go to the consent page
          </a>
          <a href={link(visit, to)}>Back to the connection</a>
        </p>
      </div>
    </Layout>
  )
}
