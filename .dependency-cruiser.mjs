/**
 * The rings of docs/architecture.md as rules. Every rule has a violation that it must catch in
 * test/architecture/rings.test.ts.
 *
 * A dependency that is needed for its types only leaves nothing in the JavaScript, so some rules let it pass:
 * `typeOnly` marks an `import type`.
 */
const typeOnly = ['type-only']
const fromNpm = ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-bundled', 'npm-no-pkg', 'npm-unknown']

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle means that two files are one; types may refer to each other across domain and ports.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: typeOnly } },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nothing imports and that imports nothing.',
      severity: 'error',
      from: { orphan: true, pathNot: '^src/index\\.ts$' },
      to: {},
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'src-is-self-contained',
      comment: 'What is shipped imports nothing that is not: tests, examples, scripts, generated clients.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|examples|scripts|bench|prisma|dist)/' },
    },
    {
      name: 'no-dev-dependencies',
      comment: 'Users do not have them. Describe a foreign client structurally instead of importing it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'core-knows-no-other-ring',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { path: '^src/(?!core/)' },
    },
    {
      name: 'core-npm-packages',
      comment: 'The core needs zod and mitt, nothing else.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { dependencyTypes: fromNpm, pathNot: 'node_modules/(zod|mitt)/' },
    },
    {
      name: 'core-node-modules',
      comment: 'No files, sockets or processes in the core.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|async_hooks)$' },
    },
    {
      name: 'domain-is-innermost',
      comment: 'Records and rules know no use-case.',
      severity: 'error',
      from: { path: '^src/core/domain/' },
      to: { path: '^src/core/(?!domain/|ports/)' },
    },
    {
      name: 'domain-sees-ports-as-types',
      severity: 'error',
      from: { path: '^src/core/domain/' },
      to: { path: '^src/core/ports/', dependencyTypesNot: typeOnly },
    },
    {
      name: 'ports-emit-nothing',
      comment: 'Ports are interfaces.',
      severity: 'error',
      from: { path: '^src/core/ports/' },
      to: { dependencyTypesNot: typeOnly },
    },
    {
      name: 'ports-know-domain-only',
      severity: 'error',
      from: { path: '^src/core/ports/' },
      to: { path: '^src/(?!core/(domain|ports)/)' },
    },
    {
      name: 'services-know-domain-and-ports',
      comment: 'The files in src/core itself put services together; a service sees them as types at most.',
      severity: 'error',
      from: { path: '^src/core/services/' },
      to: { path: '^src/core/[^/]+$', dependencyTypesNot: typeOnly },
    },
    {
      name: 'adapters-never-meet-services',
      comment:
        'An adapter sees domain, ports, its own folder, and the kit: what every store needs (turns, time limits, pages).',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/', pathNot: '^src/(core/(domain|ports)|adapters/(kit|$1))/' },
    },
    {
      name: 'families-know-domain-only',
      severity: 'error',
      from: { path: '^src/families/' },
      to: { path: '^src/', pathNot: '^src/(families|core/domain)/' },
    },
    {
      name: 'providers-know-domain-families-and-kit',
      severity: 'error',
      from: { path: '^src/providers/([^/]+)/' },
      to: { path: '^src/', pathNot: '^src/(core/domain|core/ports|families|providers/(kit|$1))/' },
    },
    {
      name: 'providers-see-ports-as-types',
      severity: 'error',
      from: { path: '^src/providers/' },
      to: { path: '^src/core/ports/', dependencyTypesNot: typeOnly },
    },
    {
      name: 'driving-sides-see-the-facade',
      comment: 'http, jobs, admin and cli know the Connectors facade and the domain.',
      severity: 'error',
      from: { path: '^src/(http|jobs|admin|cli)/' },
      to: { path: '^src/', pathNot: '^src/($1/|core/domain/|core/(connectors|job-verbs)\\.ts$)' },
    },
    {
      name: 'driving-sides-see-the-facade-as-type',
      severity: 'error',
      from: { path: '^src/(http|jobs|admin|cli)/' },
      to: { path: '^src/core/(connectors|job-verbs)\\.ts$', dependencyTypesNot: typeOnly },
    },
    {
      name: 'only-the-root-composes',
      comment: 'src/create-connectors.ts alone puts core, adapters/node and the driving sides together.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(create-connectors\\.ts$|core/)' },
      to: { path: '^src/core/(?!domain/|ports/)', dependencyTypesNot: typeOnly },
    },
    {
      name: 'only-the-root-uses-node-adapters',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(create-connectors\\.ts$|adapters/node/)' },
      to: { path: '^src/adapters/node/' },
    },
    {
      name: 'root-knows-no-store-and-no-provider',
      comment: 'Repositories and providers are handed in; a subpath that is not imported is not loaded.',
      severity: 'error',
      from: { path: '^src/(create-connectors|index)\\.ts$' },
      to: { path: '^src/(adapters/(?!node/)|providers/|families/|testing/|admin/|cli/)' },
    },
    {
      name: 'testing-stays-outside',
      comment: 'Nothing that runs in production imports what is for tests.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/testing/' },
      to: { path: '^src/testing/' },
    },
    {
      name: 'testing-drives-from-outside',
      comment: 'The contracts see what users see: ports, families, the memory repositories and createConnectors.',
      severity: 'error',
      from: { path: '^src/testing/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(testing/|core/(domain|ports)/|core/connectors\\.ts$|families/|adapters/memory/|create-connectors\\.ts$)',
      },
    },
    {
      name: 'index-is-a-table-of-contents',
      comment: 'Nothing inside imports the entry file.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/(index|testing/index)\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Without it imports of types stay unseen; "specify" tells them apart.
    tsPreCompilationDeps: 'specify',
    combinedDependencies: false,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
