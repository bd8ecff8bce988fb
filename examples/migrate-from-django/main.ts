import { createConnectors } from 'bapp-connectors'
import { woocommerce } from 'bapp-connectors/providers/woocommerce'
import { Pool } from 'pg'
import { openPostgres } from '../prisma-postgresql.ts'
import { migrate } from './migrate.ts'

// DJANGO_DATABASE_URL, DATABASE_URL, CONNECTORS_KEY, DJANGO_FERNET_KEY: npx tsx examples/migrate-from-django/main.ts
const { DJANGO_DATABASE_URL, DATABASE_URL = '', CONNECTORS_KEY = '', DJANGO_FERNET_KEY = '' } = process.env
const providers = [woocommerce]
const { prisma, repositories } = openPostgres(DATABASE_URL)
const connectors = createConnectors(repositories, {
  providers,
  encryption: {
    keys: [
      { id: '2026-11', key: CONNECTORS_KEY },
      { id: 'django', fernet: DJANGO_FERNET_KEY },
    ],
  },
})
const django = new Pool({ connectionString: DJANGO_DATABASE_URL })
const query = async (sql: string) => (await django.query(sql)).rows
const toTenantId = (company: string) => company
console.dir(await migrate({ query, repositories, connectors, providers, toTenantId, now: new Date() }), { depth: 4 })

// From now on no Fernet token is needed, and its key can go.
console.log(await connectors.operator.credentials.reencrypt())
await connectors.operator.credentials.assertUnused('django')

await connectors.close()
await prisma.$disconnect()
await django.end()
