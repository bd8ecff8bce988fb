import type { Connectors } from '../core/connectors.ts'
import type { CliEnvironment } from './cli-environment.ts'
import { misuse } from './cli-error.ts'
import { defineCommand } from './command.ts'
import { createProgressBar } from './progress-bar.ts'
import { counted } from './text-table.ts'
import { appOptions, withApp } from './with-app.ts'

type Credentials = Connectors['operator']['credentials']
type ReencryptResult = Awaited<ReturnType<Credentials['reencrypt']>>

/** `bapp-connectors reencrypt`: seals with the active key whatever others sealed. */
export const reencryptCommand = defineCommand(
  {
    name: 'reencrypt',
    summary: 'seal with the active key whatever was sealed with another one',
    operands: [],
    options: {
      ...appOptions,
      'batch-size': { type: 'string', value: '<n>', help: 'connections read at a time, 1 to 1,000; default: 200' },
    },
    notes:
      'Runs beside everything else, and can be stopped (Ctrl+C) and run again at any time: what is done is skipped.\n' +
      'Exit code 1: something is left, which is then told.',
  },
  async (environment, { json = false, 'batch-size': batchSize, ...values }) => {
    if (batchSize !== undefined && !/^[1-9]\d{0,3}$/.test(batchSize)) {
      throw misuse(`--batch-size must be a whole number from 1 to 1,000; it is "${batchSize}".`)
    }
    return withApp(environment, values, async ({ operator: { credentials } }) => {
      const size = batchSize === undefined ? {} : { batchSize: Number(batchSize) }
      const result = await reencrypt(environment, credentials, size)
      if (json) environment.write(`${JSON.stringify(result, null, 2)}\n`)
      else environment.write(described(result))
      return result.status === 'completed' ? 0 : 1
    })
  },
)

async function reencrypt(
  environment: CliEnvironment,
  credentials: Credentials,
  size: { readonly batchSize?: number },
): Promise<ReencryptResult> {
  const usage = await credentials.keyUsage()
  const total = usage.keys.filter(({ isActive }) => !isActive).reduce((sum, { valueCount }) => sum + valueCount, 0)
  const bar = createProgressBar(environment, { unit: 'values sealed anew', total })
  const stop = new AbortController()
  const forget = environment.onInterrupt(() => stop.abort())
  try {
    return await credentials.reencrypt({
      ...size,
      signal: stop.signal,
      onProgress: ({ resealedCount, waitingCount, failedCount }) => {
        const details = [
          waitingCount === 0 ? '' : `${counted(waitingCount)} connections are being written, and looked at again`,
          failedCount === 0 ? '' : `${counted(failedCount)} values don't open`,
        ]
        bar.update(resealedCount, details.filter(Boolean).join(', '))
      },
    })
  } finally {
    forget()
    bar.end()
  }
}

function described({
  status,
  reason,
  activeKeyId,
  connectionCount,
  resealedCount,
  waitingCount,
  failures,
  failedCount,
}: ReencryptResult): string {
  const done = `Sealed ${counted(resealedCount)} values anew with the key "${activeKeyId}", of ${counted(connectionCount)} connections.\n`
  if (status === 'completed')
    return `${done}Nothing is left. Whether an old key can go, this tells: bapp-connectors keys --retire <id>\n`
  const told = failures.map(
    ({ tenantId, connectionId, field, code, message }) =>
      `  connection ${connectionId} of tenant ${String(tenantId)}, ${field}: ${message} (${code})\n`,
  )
  const more = failedCount > failures.length ? `  and ${counted(failedCount - failures.length)} more\n` : ''
  const failed = failedCount === 0 ? '' : `${counted(failedCount)} values don't open:\n${told.join('')}${more}`
  const why = {
    aborted: 'Stopped before the end. To go on, run the same command again: what is done is skipped.\n',
    busy: `${counted(waitingCount)} connections were being written all the time. Run the same command again.\n`,
    failed:
      'Add the keys that they need to encryption.keys, or have these connections get new credentials; then run it again.\n',
  }
  return `${done}${failed}${reason === null ? '' : why[reason]}`
}
