import { keyIdPattern } from '../core/domain/envelope.ts'
import type { CliEnvironment } from './cli-environment.ts'
import { misuse } from './cli-error.ts'
import { defineCommand } from './command.ts'

/** `bapp-connectors keygen`. */
export const keygenCommand = defineCommand(
  {
    name: 'keygen',
    summary: 'make an encryption key, as lines for an .env file',
    operands: [],
    options: {
      id: { type: 'string', value: '<id>', help: 'id of the key; default: this year and month, e.g. 2026-11' },
    },
  },
  async (environment, { id }) => keygen(environment, id),
)

/**
 * A new encryption key as two lines for an `.env` file on standard output, and how to use them
 * on standard error, so that `>> .env` appends just the lines.
 *
 * @throws {CliError} for an id that a key can't have.
 */
function keygen({ write, complain, now, randomBytes }: CliEnvironment, id: string | undefined): undefined {
  const keyId = id ?? now().toISOString().slice(0, 7)
  if (!keyIdPattern.test(keyId)) throw misuse('--id must be 1 to 64 letters, digits, dashes or underscores.')
  const key = Buffer.from(randomBytes(32)).toString('base64')
  write(`CONNECTORS_KEY_ID="${keyId}"\nCONNECTORS_KEY="${key}"\n`)
  complain(
    '\nUse it as the first of encryption.keys, which seals; keep the older ones after it as long as something is sealed ' +
      'with them. Whoever has this key can read all credentials: keep it out of the repository.\n',
  )
  return undefined
}
