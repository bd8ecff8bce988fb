import type { Connectors } from '../../core/connectors.ts'
import { type AnyConnectorsError, isConnectorsError } from '../../core/domain/errors.ts'
import type { Finding } from './finding.ts'
import { missingInDatabase } from './missing-in-database.ts'
import { firstRows, type Patient } from './patient.ts'

/**
 * Reads from every table that can be read without writing, and answers what the other checks look at; `null` if that
 * can't be read. What keeps the instance from starting is a finding too.
 *
 * @throws {ConnectorsError} when the database can't be reached.
 */
export async function checkDatabase(
  connectors: Connectors,
): Promise<{ readonly findings: readonly Finding[]; readonly patient: Patient | null }> {
  const findings: Finding[] = []
  const read = async <R>(what: string, reading: () => Promise<R>): Promise<R | null> => {
    try {
      return await reading()
    } catch (error) {
      if (!isConnectorsError(error) || error.code === 'STORE_UNAVAILABLE') throw error
      findings.push(findingOfFailure(what, error))
      return null
    }
  }
  const isReady = await read('Connections', async () => {
    await connectors.ready()
    return true
  })
  if (isReady === null) return { findings, patient: null }
  const { connections, sync, webhooks, executions } = connectors.operator
  const found = {
    connections: await read('Connections', () => firstRows(connections.list())),
    syncStates: await read('Sync states', async () => {
      await sync.due({ limit: 1 })
      return firstRows(sync.states())
    }),
    webhooks: await read('Webhook deliveries', async () => {
      await webhooks.due({ limit: 1 })
      return webhooks.list().page({ limit: 1 })
    }),
    executions: await read('The audit log', () => executions.list().page({ limit: 1 })),
  }
  const { connections: rows, syncStates } = found
  const isComplete = rows !== null && syncStates !== null && found.webhooks !== null && found.executions !== null
  const patient = isComplete ? { connectors, at: connectors.operator.now(), connections: rows, syncStates } : null
  return { findings, patient }
}

function findingOfFailure(what: string, error: AnyConnectorsError): Finding {
  if (error.code === 'WRONG_KEY') {
    return {
      code: 'KEY_WRONG',
      message: error.message,
      advice: 'Give encryption.keys the key that has this id. Nothing runs with a wrong one.',
      examples: [],
    }
  }
  const missing = missingInDatabase(error)
  if (missing !== null) {
    return {
      code: 'DATABASE_OUTDATED',
      message: `${what} can't be read: the database has no ${missing}.`,
      advice: 'Apply the migrations (npx prisma migrate deploy), and generate the client of the same schema.',
      examples: [missing],
    }
  }
  return {
    code: 'DATABASE_REFUSES',
    message: `${what} can't be read: ${error.message} (${error.code})`,
    advice: 'Look at the log of the database, and at the rights of the account that the application uses.',
    examples: [],
  }
}
