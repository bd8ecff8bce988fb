import { Application } from 'typedoc'
import { readEntries } from './entries.ts'

/**
 * Writes the reference of the public API as HTML to `.tmp/api`, a module for each subpath of the package. A warning is a
 * failure: an export without a doc comment, a type that is used but not exported, a link that leads nowhere.
 */
const app = await Application.bootstrap({
  name: 'bapp-connectors',
  entryPoints: readEntries().map(({ source }) => source),
  tsconfig: 'tsconfig.json',
  out: '.tmp/api',
  readme: 'none',
  excludeExternals: true,
  // `npm run types` does that.
  skipErrorChecking: true,
  validation: { invalidLink: true, notDocumented: true, notExported: true },
  // Properties explain themselves by name and type where that is enough.
  requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Variable', 'Function', 'Method', 'Accessor', 'Enum'],
  // What is only there to be inferred: nobody has to write its name.
  intentionallyNotExported: [
    'src/adapters/drizzle/drizzle-like.ts:ConnectorsTablesLike',
    'src/adapters/drizzle/drizzle-like.ts:DrizzleDatabaseLike',
    'src/adapters/drizzle/drizzle-like.ts:TxOf',
    'src/adapters/drizzle/pg-tables.ts:PgTables',
    'src/adapters/drizzle/pg-tables.ts:PgTablesOptions',
    'src/adapters/drizzle/sqlite-tables.ts:SqliteTables',
    'src/adapters/drizzle/sqlite-tables.ts:SqliteTablesOptions',
    'src/adapters/kit/over-one-connection.ts:LibSqlClientLike',
    'src/adapters/prisma/prisma-client-like.ts:ModelNames',
    'src/adapters/prisma/prisma-client-like.ts:ModelNamesOf',
    'src/adapters/prisma/prisma-client-like.ts:PrismaModels',
    'src/adapters/prisma/prisma-client-like.ts:TenantIdOf',
    'src/adapters/prisma/prisma-client-like.ts:TxOf',
    'src/adapters/prisma/single-connection.ts:LibSqlFactoryLike',
    'src/core/domain/errors.ts:retryableByCode',
    'src/core/domain/handlers.ts:GroupOf',
    'src/core/domain/handlers.ts:HandlerKey',
    'src/core/domain/handlers.ts:Matching',
    'src/core/domain/handlers.ts:PageContextFor',
    'src/core/domain/provider.ts:AdapterMethod',
    'src/core/domain/provider.ts:FieldOf',
    'src/core/options.ts:optionsSchema',
    'src/core/sync-verbs.ts:Handled',
    'src/providers/github/github-event-types.ts:KnownType',
    'src/providers/kit/challenges.ts:Challenge',
    'src/providers/shopify/shopify-topics.ts:shopifyTopics',
    'src/providers/woocommerce/woocommerce-events.ts:Base',
    'src/providers/woocommerce/woocommerce-events.ts:woocommerceTopics',
  ],
})
const project = await app.convert()
if (project !== undefined) app.validate(project)
if (project === undefined || app.logger.hasErrors() || app.logger.hasWarnings()) {
  console.error('the reference is not whole: see the warnings above')
  process.exit(1)
}
await app.generateOutputs(project)
