import { resourceOfKey } from '../../core/domain/sync-state.ts'
import { type Finding, findingOf } from './finding.ts'
import { countText, type Patient } from './patient.ts'

/** Whether what comes of the connections has a handler here. */
export async function checkHandlers({ connectors, connections, syncStates }: Patient): Promise<readonly Finding[]> {
  const handled = new Set(connectors.operator.handled().resources)
  const families = new Map(connections.map(({ id, provider }) => [id, provider.family]))
  const scheduled = syncStates
    .filter(({ schedule, dueAt }) => dueAt !== null || (schedule !== null && !schedule.isPaused))
    .flatMap(({ connectionId, resourceType }) => {
      const family = families.get(connectionId)
      return family === undefined ? [] : [`${family}.${resourceOfKey(resourceType)}`]
    })
    .filter((resource) => !handled.has(resource))
  const connected = new Set(connections.map(({ provider: { family, name } }) => `${family}.${name}`))
  const resources = connectors.providers
    .list()
    .filter(({ family, name }) => connected.has(`${family}.${name}`))
    .flatMap(({ family, resources: declared }) => Object.keys(declared).map((resource) => `${family}.${resource}`))
  const idle = [...new Set(resources)].filter((name) => !handled.has(name) && !scheduled.includes(name))
  const itself = (resource: string) => resource
  return [
    ...findingOf(scheduled, itself, (count) => ({
      code: 'SCHEDULE_UNHANDLED',
      message: `${countText(count, 'scheduled sync')} can't run here: nothing handles the pages.`,
      advice: 'Add the handlers to createConnectors; if only your workers have them, give --app the file they load.',
    })),
    ...findingOf(idle, itself, (count) => ({
      code: 'RESOURCE_UNHANDLED',
      message: `${countText(count, 'resource')} of connected providers without a handler here.`,
      advice: 'Nothing to do if you have no use for them, or pass onPage with each run.',
    })),
  ]
}
