import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser'
import { cruise } from 'dependency-cruiser'
import extractDepcruiseConfig from 'dependency-cruiser/config-utl/extract-depcruise-config'
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config'
import { afterAll, beforeAll, expect, test } from 'vitest'

// Rule -> file that breaks it, and how.
const violations: Record<string, readonly (readonly [file: string, source: string])[]> = {
  'no-circular': [['src/core/domain/cycle-a.ts', `export { b as a } from './cycle-b.ts'`]],
  'no-orphans': [['src/core/domain/orphan.ts', `export const lonely = 1`]],
  'no-unresolvable': [['src/core/domain/unresolvable.ts', `export { x } from './nowhere.ts'`]],
  'src-is-self-contained': [['src/adapters/memory/shipped.ts', `export { x } from '../../../scripts/x.ts'`]],
  'no-dev-dependencies': [
    [
      'src/adapters/prisma/client.ts',
      `import type { PrismaClient } from '@prisma/client'\nexport type P = PrismaClient`,
    ],
    ['src/testing/runner.ts', `export { test } from 'vitest'`],
  ],
  'core-knows-no-other-ring': [
    ['src/core/services/outward.ts', `export { x } from '../../adapters/memory/x.ts'`],
    ['src/core/domain/outward.ts', `import type { X } from '../../providers/kit/x.ts'\nexport type Y = X`],
  ],
  'core-npm-packages': [['src/core/services/npm.ts', `export { request } from 'undici'`]],
  'core-node-modules': [['src/core/services/node.ts', `export { readFile } from 'node:fs/promises'`]],
  'domain-is-innermost': [
    ['src/core/domain/upward.ts', `import type { X } from '../services/x.ts'\nexport type Y = X`],
    ['src/core/domain/sideways.ts', `import type { Connectors } from '../connectors.ts'\nexport type Y = Connectors`],
  ],
  'domain-sees-ports-as-types': [['src/core/domain/port-value.ts', `export { x } from '../ports/x.ts'`]],
  'ports-emit-nothing': [['src/core/ports/value.ts', `import { x } from '../domain/x.ts'\nexport const y = x`]],
  'ports-know-domain-only': [
    ['src/core/ports/upward.ts', `import type { X } from '../services/x.ts'\nexport type Y = X`],
  ],
  'services-know-domain-and-ports': [
    ['src/core/services/composing.ts', `export { createCore } from '../create-core.ts'`],
  ],
  'adapters-never-meet-services': [
    ['src/adapters/memory/service.ts', `export { x } from '../../core/services/x.ts'`],
    ['src/adapters/prisma/neighbour.ts', `import type { X } from '../memory/x.ts'\nexport type Y = X`],
    ['src/adapters/kit/store.ts', `export { x } from '../memory/x.ts'`],
  ],
  'families-know-domain-only': [
    ['src/families/shop/port.ts', `import type { X } from '../../core/ports/x.ts'\nexport type Y = X`],
  ],
  'providers-know-domain-families-and-kit': [
    [
      'src/providers/github/facade.ts',
      `import type { Connectors } from '../../core/connectors.ts'\nexport type Y = Connectors`,
    ],
    ['src/providers/github/neighbour.ts', `export { x } from '../gitlab/x.ts'`],
    ['src/providers/kit/provider.ts', `export { x } from '../gitlab/x.ts'`],
  ],
  'providers-see-ports-as-types': [['src/providers/github/port.ts', `export { x } from '../../core/ports/x.ts'`]],
  'driving-sides-see-the-facade': [
    ['src/http/service.ts', `import type { X } from '../core/services/x.ts'\nexport type Y = X`],
    ['src/jobs/neighbour.ts', `export { x } from '../http/x.ts'`],
    ['src/admin/store.ts', `export { x } from '../adapters/memory/x.ts'`],
    ['src/cli/port.ts', `import type { X } from '../core/ports/x.ts'\nexport type Y = X`],
  ],
  'driving-sides-see-the-facade-as-type': [
    ['src/http/facade.ts', `export { connectors } from '../core/connectors.ts'`],
  ],
  'only-the-root-composes': [['src/testing/compose.ts', `export { createCore } from '../core/create-core.ts'`]],
  'only-the-root-uses-node-adapters': [['src/testing/node.ts', `export { x } from '../adapters/node/x.ts'`]],
  'root-knows-no-store-and-no-provider': [
    ['src/create-connectors.ts', `export { x } from './adapters/memory/x.ts'`],
    ['src/index.ts', `export { x } from './providers/gitlab/x.ts'`],
  ],
  'testing-stays-outside': [['src/providers/github/testing.ts', `export { x } from '../../testing/x.ts'`]],
  'testing-drives-from-outside': [['src/testing/provider.ts', `export { x } from '../providers/gitlab/x.ts'`]],
  'index-is-a-table-of-contents': [['src/http/from-index.ts', `export { x } from '../index.ts'`]],
}

// What the violations point at, and everything that is allowed.
const innocent: Record<string, string> = {
  'scripts/x.ts': `export const x = 1`,
  // The other half of the cycle, which is reported once.
  'src/core/domain/cycle-b.ts': `export { a as b } from './cycle-a.ts'`,
  'src/core/domain/x.ts': `import type { P } from '../ports/x.ts'\nimport { createHash } from 'node:crypto'\nexport const x = createHash\nexport type X = P`,
  'src/core/ports/x.ts': `import type { Y } from '../domain/y.ts'\nexport interface X { y: Y }\nexport type P = X`,
  'src/core/domain/y.ts': `import type { z } from 'zod'\nexport type Y = z.ZodType`,
  'src/core/services/x.ts': `import mitt from 'mitt'\nimport { x as y } from '../domain/x.ts'\nimport type { X as P } from '../ports/x.ts'\nimport type { Connectors } from '../connectors.ts'\nexport const x = [mitt, y]\nexport type X = P | Connectors`,
  'src/core/connectors.ts': `import type { X } from './ports/x.ts'\nexport interface Connectors { x: X }\nexport const connectors = 1`,
  'src/core/create-core.ts': `export { x as createCore } from './services/x.ts'`,
  'src/adapters/kit/x.ts': `export { x } from '../../core/domain/x.ts'`,
  'src/adapters/memory/x.ts': `import type { X as P } from '../../core/ports/x.ts'\nimport { x as d } from '../kit/x.ts'\nexport const x = d\nexport type X = P`,
  'src/adapters/node/x.ts': `import type { X } from '../../core/ports/x.ts'\nexport const x: X | undefined = undefined`,
  'src/families/shop/x.ts': `export { x } from '../../core/domain/x.ts'`,
  'src/providers/kit/x.ts': `export { x } from '../../core/domain/x.ts'\nexport type { X } from '../../core/ports/x.ts'`,
  'src/providers/kit/index.ts': `export { x } from './x.ts'`,
  'src/providers/gitlab/x.ts': `export { x } from '../kit/x.ts'\nexport { x as y } from '../../families/shop/x.ts'`,
  'src/http/x.ts': `import type { Connectors } from '../core/connectors.ts'\nexport { x } from '../core/domain/x.ts'\nexport type Y = Connectors`,
  'src/testing/x.ts': `import assert from 'node:assert/strict'\nexport { x } from '../adapters/memory/x.ts'\nexport const y = assert\nexport type { X } from '../core/ports/x.ts'`,
}

const root = new URL('../../', import.meta.url).pathname
const config = await extractDepcruiseConfig(join(root, '.dependency-cruiser.mjs'))
let tree: string

beforeAll(async () => {
  await mkdir(join(root, '.tmp'), { recursive: true })
  // Inside the checkout, so that npm packages resolve as they do for the real source.
  tree = await mkdtemp(join(root, '.tmp', 'rings-'))
  for (const file of ['package.json', 'tsconfig.json']) await cp(join(root, file), join(tree, file))
  for (const [file, source] of [...Object.entries(innocent), ...Object.values(violations).flat()]) {
    await mkdir(dirname(join(tree, file)), { recursive: true })
    await writeFile(join(tree, file), `${source}\n`)
  }
})

afterAll(() => rm(tree, { recursive: true, force: true }))

test('every rule of the rings has a violation to catch', () => {
  const names = (config.forbidden as readonly IForbiddenRuleType[]).map((rule) => rule.name)
  expect(Object.keys(violations)).toEqual(names)
})

test('every rule of the rings catches its violations, and nothing that is allowed', { timeout: 60_000 }, async () => {
  const result = await cruise(
    ['src'],
    {
      ...(config.options as ICruiseOptions),
      ruleSet: { forbidden: config.forbidden ?? [] },
      validate: true,
      baseDir: tree,
    },
    {},
    { tsConfig: extractTsConfig(join(tree, 'tsconfig.json')) },
  )
  if (typeof result.output === 'string') throw new Error('expected a result object')
  const found = result.output.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`)

  for (const [rule, files] of Object.entries(violations)) {
    for (const [file] of files) expect(found, `${rule} lets ${file} pass`).toContain(`${rule}: ${file}`)
  }
  expect(found.filter((violation) => Object.keys(innocent).includes(violation.split(': ')[1] ?? ''))).toEqual([])
})
