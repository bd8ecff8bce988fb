import type { Visit } from '../visit.ts'

const reasons: Readonly<Record<string, string>> = {
  unknownState: 'it was used before, or took longer than ten minutes',
  otherBrowser: 'it ended in another browser than it began in',
  otherTenant: 'it was begun for another tenant',
  otherActor: 'it was begun by somebody else',
  denied: 'somebody said no there',
  otherIssuer: 'another server answered',
  otherAccount: 'it was another account than that of this connection',
  failed: 'the provider did not give a grant',
}

/** What became of a visit to a consent page, for who comes back from there. */
export function OAuthReturn({ visit: { query } }: { visit: Pick<Visit, 'query'> }) {
  const outcome = query.get('oauth')
  if (outcome === 'connected')
    return <p class="notice good">Back from the consent page: see below how the connection is.</p>
  if (outcome !== 'refused') return null
  return <p class="notice bad">Not connected anew: {reasons[query.get('reason') ?? ''] ?? 'the provider refused'}.</p>
}
