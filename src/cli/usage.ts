import { dialects } from './database-of.ts'
import { tenantIdOptions } from './tenant-id-for.ts'

/** What `--help` prints. */
export const usage = `Usage: bapp-connectors <command> [options]

Commands:
  init      merge the tables of bapp-connectors into your Prisma schema
  keygen    make an encryption key, as lines for an .env file

init:
  --schema <path>           schema file or folder; default: found as Prisma finds it
  --dialect <database>      ${dialects.join(', ')}; default: the provider of your datasource
  --tenant-model <Model>    the model that a connection belongs to; asked for if missing
  --tenant-id <type>        ${tenantIdOptions.join(', ')}; default: the type of the tenant model's id
  --no-relation             only the column tenantId, no relation; needs --tenant-id
  --prefix <Prefix>         begin model names with it, e.g. Shop -> ShopConnection
  --dry-run                 show what would change, as a diff, and change nothing
  --force                   take back what was edited in our models; relations to yours stay

keygen:
  --id <id>                 id of the key; default: this year and month, e.g. 2026-11

  -h, --help                show this
  -v, --version             show the version

Exit codes: 0 done or nothing to do, 1 refused (nothing is changed), 2 wrong usage.
`
