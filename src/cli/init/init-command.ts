import { misuse } from '../cli-error.ts'
import { defineCommand } from '../command.ts'
import { dialects } from '../schema/database-of.ts'
import { init } from './init.ts'
import { tenantIdOptions } from './tenant-id-for.ts'

/** `bapp-connectors init`. */
export const initCommand = defineCommand(
  {
    name: 'init',
    summary: 'merge the tables of bapp-connectors into your Prisma schema',
    operands: [],
    options: {
      schema: { type: 'string', value: '<path>', help: 'schema file or folder; default: found as Prisma finds it' },
      dialect: {
        type: 'string',
        value: '<database>',
        help: `${dialects.join(', ')}; default: the provider of your datasource`,
      },
      'tenant-model': {
        type: 'string',
        value: '<Model>',
        help: 'the model that a connection belongs to; asked for if missing',
      },
      'tenant-id': {
        type: 'string',
        value: '<type>',
        help: `${tenantIdOptions.join(', ')}; default: the type of the tenant model's id`,
      },
      'no-relation': { type: 'boolean', help: 'only the column tenantId, no relation; needs --tenant-id' },
      prefix: { type: 'string', value: '<Prefix>', help: 'begin model names with it, e.g. Shop -> ShopConnection' },
      'dry-run': { type: 'boolean', help: 'show what would change, as a diff, and change nothing' },
      force: { type: 'boolean', help: 'take back what was edited in our models; relations to yours stay' },
    },
  },
  async (environment, values) => {
    const { prefix, 'tenant-model': tenantModel, 'no-relation': noRelation = false } = values
    const dialect = oneOf('--dialect', dialects, values.dialect)
    const tenantId = oneOf('--tenant-id', tenantIdOptions, values['tenant-id'])
    if (prefix !== undefined && !/^([A-Za-z][A-Za-z0-9_]*)?$/.test(prefix)) {
      throw misuse('--prefix must begin with a letter and have letters, digits and underscores only.')
    }
    if (noRelation && tenantModel !== undefined) throw misuse('--no-relation and --tenant-model exclude each other.')
    const options = {
      ...(dialect === undefined ? {} : { dialect }),
      ...(tenantModel === undefined ? {} : { tenantModel }),
      ...(tenantId === undefined ? {} : { tenantId }),
      ...(prefix === undefined ? {} : { prefix }),
      hasRelation: !noRelation,
      isForced: values.force ?? false,
    }
    await init(environment, options, { schema: values.schema, isDry: values['dry-run'] ?? false })
    return undefined
  },
)

function oneOf<T extends string>(flag: string, known: readonly T[], given: string | undefined): T | undefined {
  if (given === undefined) return undefined
  const found = known.find((value) => value.toLowerCase() === given.toLowerCase())
  if (found === undefined) throw misuse(`${flag} must be one of ${known.join(', ')}; it is "${given}".`)
  return found
}
