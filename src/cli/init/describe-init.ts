import type { InitPlan } from './plan-init.ts'

/** What `init` did, or found done, and what comes next; for people. */
export function describeInit(plan: Exclude<InitPlan, { status: 'needs-tenant-model' }>): string {
  if (plan.status === 'up-to-date') return 'The schema is up to date; nothing is changed.\n'
  const models = plan.models.map((name) => plan.prefix + name)
  const lines = [
    ...plan.changes.map(({ path, before }) => `${before === null ? 'wrote  ' : 'changed'} ${path}`),
    '',
    `  models      ${models.join(', ')}`,
    `  database    ${plan.dialect}`,
    `  tenantId    ${plan.tenantIdType}`,
    `  relation    ${plan.backRelation ?? 'none'}`,
    '',
    'Next:',
    '',
    '  npx prisma migrate dev --name bapp-connectors   # or, without migrations: npx prisma db push',
    '  npx prisma generate',
    '  npx bapp-connectors keygen >> .env',
    '',
    'and in your code:',
    '',
    "  import { createConnectors } from 'bapp-connectors'",
    "  import { prismaRepositories } from 'bapp-connectors/prisma'",
    '',
    `  const connectors = createConnectors(prismaRepositories(prisma${modelsOption(plan)}), {`,
    '    providers: [],  // e.g. github, from bapp-connectors/providers/github',
    '    encryption: { keys: [{ id, key }] },  // CONNECTORS_KEY_ID and CONNECTORS_KEY',
    '  })',
    '',
  ]
  return lines.join('\n')
}

function modelsOption({ models, prefix }: { readonly models: readonly string[]; readonly prefix: string }): string {
  if (prefix === '') return ''
  const lines = models.map((name) => `      ${optionKey(name)}: '${property(prefix + name)}',\n`)
  return `, {\n    models: {\n${lines.join('')}    },\n  }`
}

/** What Prisma calls a model on its client. */
const property = (model: string) => model.slice(0, 1).toLowerCase() + model.slice(1)

/** What the option `models` of prismaRepositories calls it. */
const optionKey = (model: string) => (model === 'OAuthState' ? 'oauthState' : property(model))
