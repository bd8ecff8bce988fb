import type { Connectors } from '../core/connectors.ts'
import { isConnectorsError } from '../core/domain/errors.ts'
import { misuse, refusal } from './cli-error.ts'
import { defineCommand } from './command.ts'
import { counted, textTable } from './text-table.ts'
import { appOptions, withApp } from './with-app.ts'

type KeyUsage = Awaited<ReturnType<Connectors['operator']['credentials']['keyUsage']>>

/** `bapp-connectors keys`: which key seals how much, and whether one can be retired. */
export const keysCommand = defineCommand(
  {
    name: 'keys',
    summary: 'show which encryption key seals how much, and whether one can be retired',
    operands: [],
    options: {
      ...appOptions,
      retire: { type: 'string', value: '<id>', help: 'ask whether this key can be taken out; exit code 1 if not' },
    },
  },
  async (environment, { retire, json = false, ...values }) =>
    withApp(environment, values, async ({ operator: { credentials } }) => {
      const usage = await credentials.keyUsage()
      if (retire === undefined) {
        environment.write(json ? `${JSON.stringify(usage, null, 2)}\n` : described(usage))
        return undefined
      }
      const known = usage.keys.map(({ id }) => id)
      // A slip of the pen must not be called unused.
      if (!known.includes(retire)) throw misuse(`There is no key "${retire}". There are: ${known.join(', ')}.`)
      const reason = await credentials.assertUnused(retire).then(
        () => null,
        (error: unknown) => {
          if (isConnectorsError(error, 'KEY_IN_USE')) return error.message
          throw error
        },
      )
      if (json) environment.write(`${JSON.stringify({ keyId: retire, isUnused: reason === null, reason }, null, 2)}\n`)
      if (reason !== null) throw refusal(reason)
      if (!json) environment.write(unused(retire))
      return undefined
    }),
)

const unused = (keyId: string) =>
  `Nothing is sealed with the key "${keyId}". Take it out of encryption.keys everywhere, once no process seals with it any more.\n`

function described({ keys, unreadableCount }: KeyUsage): string {
  const table = textTable(
    ['key', 'values', 'credentials', 'webhook secrets', 'settings', 'authorizations', ''],
    keys.map((key) => [
      key.id,
      key.valueCount,
      key.credentialsCount,
      key.webhookSecretsCount,
      key.settingsCount,
      key.authorizationsCount,
      key.isActive ? 'active: seals' : key.isConfigured ? 'opens' : 'MISSING here: these values can’t be opened',
    ]),
  )
  const unreadable =
    unreadableCount === 0 ? '' : `\n${counted(unreadableCount)} values name no key, and can't be opened by any.\n`
  return `${table}${unreadable}`
}
