import type { DescribedFailure } from '../describe-failure.ts'
import { link, type Visit } from '../visit.ts'
import { Layout } from './layout.tsx'

/** The page in place of one that could not be shown. */
export function Failure({ visit, failure }: { visit: Visit; failure: DescribedFailure }) {
  return (
    <Layout visit={visit} title={failure.title}>
      <div class="empty">
        <h1>{failure.title}</h1>
        <p>{failure.text}</p>
        <a class="button" href={link(visit, '/connections')}>
          To the connections
        </a>
      </div>
    </Layout>
  )
}
