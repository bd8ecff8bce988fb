import type { Finding } from './finding.ts'
import type { Patient } from './patient.ts'

/** Whether the queue of the jobs answers. */
export async function checkQueue({ connectors }: Pick<Patient, 'connectors'>): Promise<readonly Finding[]> {
  const { queue } = await connectors.health()
  if (queue.isReachable) return []
  return [
    {
      code: 'QUEUE_UNREACHABLE',
      message: `The queue (${queue.engine}) doesn't answer.`,
      advice: 'Start it, or mend its address. What is in the rows is found by ticks when it is back.',
      examples: [],
    },
  ]
}
