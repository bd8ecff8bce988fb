import type { ConnectionView } from '../../core/domain/connection.ts'
import { type Finding, findingOf } from './finding.ts'
import { countText, type Patient } from './patient.ts'

type State = 'unknown' | 'unauthorized' | 'refused' | 'disabled' | 'untested' | 'fine'

/** Whether connections can be used, or wait for somebody. */
export async function checkConnections({ connectors, connections }: Patient): Promise<readonly Finding[]> {
  const known = new Set(connectors.providers.list().map(({ family, name }) => `${family}.${name}`))
  const states = connections.map((connection) => ({ connection, state: stateOf(connection, known) }))
  const those = (wanted: State, describe: (count: string) => Omit<Finding, 'examples'>) =>
    findingOf(
      states.filter(({ state }) => state === wanted),
      ({ connection }) => (wanted === 'unknown' ? keyOf(connection) : connection.id),
      (count) => describe(countText(count, 'connection')),
    )
  return [
    ...those('unknown', (count) => ({
      code: 'PROVIDER_UNKNOWN',
      message: `${count}: the provider isn't registered here.`,
      advice: 'Add it to the providers of createConnectors, or delete the connections.',
    })),
    ...those('unauthorized', (count) => ({
      code: 'CONNECTION_UNAUTHORIZED',
      message: `${count}: the provider took the authorization back.`,
      advice: 'Whoever connected the account has to do so again: oauth.authorize({ connectionId }).',
    })),
    ...those('refused', (count) => ({
      code: 'CONNECTION_REFUSED',
      message: `${count}: the provider refused the credentials.`,
      advice: 'Give them new ones (connections.rotateCredentials), then connections.enable, which tests them.',
    })),
    ...those('disabled', (count) => ({
      code: 'CONNECTION_DISABLED',
      message: `${count}: turned off.`,
      advice: 'If that is over: connections.enable.',
    })),
    ...those('untested', (count) => ({
      code: 'CONNECTION_UNTESTED',
      message: `${count}: never tested, so nothing runs.`,
      advice: 'Test them: connections.test.',
    })),
  ]
}

const keyOf = ({ provider: { family, name } }: ConnectionView) => `${family}.${name}`

function stateOf(connection: ConnectionView, known: ReadonlySet<string>): State {
  if (!known.has(keyOf(connection))) return 'unknown'
  if (connection.needsReauthorization) return 'unauthorized'
  if (connection.isEnabled && connection.isConnected) return 'fine'
  // Successes and what an operator decides forget failures.
  if (connection.authFailureCount > 0) return 'refused'
  return connection.isEnabled ? 'untested' : 'disabled'
}
