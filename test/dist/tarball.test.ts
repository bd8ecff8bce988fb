import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readEntries } from '../../scripts/entries.ts'
import { dialects } from '../../scripts/schema-fragment.ts'

// The package as users get it: the tarball made by scripts/pack.ts, installed into an empty folder
// outside of the checkout, where nothing of ours can be found by accident.

const run = promisify(execFile)
const root = new URL('../../', import.meta.url).pathname
const tarball = join(root, '.tmp', 'package.tgz')
const entries = readEntries()
const fragments = dialects.map((dialect) => `prisma/connectors.${dialect}.prisma`)
const specifiers = entries.map(({ subpath }) => `bapp-connectors${subpath.slice(1)}`)
// Those that users have: the last one of each major version.
const compilers = ['5.9.3', '6.0.3', '7.0.2']
let folder: string
let installed: string

/** Runs a script in the empty folder and reads the JSON it prints. */
async function evaluate(type: 'module' | 'commonjs', source: string): Promise<unknown> {
  const file = join(folder, type === 'module' ? 'probe.mjs' : 'probe.cjs')
  await writeFile(file, source)
  const { stdout } = await run(process.execPath, [file], { cwd: folder })
  return JSON.parse(stdout)
}

beforeAll(async () => {
  const own = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  folder = await mkdtemp(join(tmpdir(), 'bapp-connectors-'))
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({
      name: 'user',
      private: true,
      dependencies: {
        'bapp-connectors': `file:${tarball}`,
        zod: own.devDependencies.zod,
        'drizzle-orm': own.devDependencies['drizzle-orm'],
        'rate-limiter-flexible': own.devDependencies['rate-limiter-flexible'],
        ...Object.fromEntries(compilers.map((version) => [`typescript-${version}`, `npm:typescript@${version}`])),
      },
    }),
  )
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder })
  installed = join(folder, 'node_modules', 'bapp-connectors')
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test('the tarball holds what is shipped and nothing else', async () => {
  const { stdout } = await run('tar', ['tzf', tarball])
  const files = stdout
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''))
  const expected = [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
    ...fragments,
    'dist/cli/main.js',
    ...entries.flatMap(({ name }) => [`dist/${name}.js`, `dist/${name}.d.ts`]),
  ]
  // Code that several subpaths share, or that is loaded on first use, goes to files with a hash in their name.
  const shared = /^dist\/[\w./-]+-[\w-]{8}\.(js|d\.ts)$/
  expect(expected.filter((file) => !files.includes(file))).toEqual([])
  expect(files.filter((file) => !expected.includes(file) && !shared.test(file))).toEqual([])
})

test('the exports of package.json are the subpaths that are built, with types first', async () => {
  const { exports } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
  const { './package.json': manifest, ...others } = exports
  expect(manifest).toBe('./package.json')
  const subpaths = { ...others }
  for (const fragment of fragments) {
    expect(others[`./${fragment}`]).toBe(`./${fragment}`)
    delete subpaths[`./${fragment}`]
  }
  expect(Object.entries(subpaths).map(([subpath, target]) => [subpath, Object.entries(target as object)])).toEqual(
    entries.map(({ subpath, name }) => [
      subpath,
      [
        ['types', `./dist/${name}.d.ts`],
        ['default', `./dist/${name}.js`],
      ],
    ]),
  )
})

test.each(specifiers)('%s can be imported', async (specifier) => {
  const names = await evaluate('module', `console.log(JSON.stringify(Object.keys(await import('${specifier}'))))`)
  expect(names).not.toEqual([])
})

test.each(specifiers)('%s can be required', async (specifier) => {
  const names = await evaluate('commonjs', `console.log(JSON.stringify(Object.keys(require('${specifier}'))))`)
  expect(names).not.toEqual([])
})

test('the manifest and the schema fragments can be resolved', async () => {
  const files = ['package.json', ...fragments].map((file) => `bapp-connectors/${file}`)
  const resolved = await evaluate(
    'commonjs',
    `console.log(JSON.stringify(${JSON.stringify(files)}.map((file) => require.resolve(file))))`,
  )
  for (const file of resolved as string[]) expect((await stat(file)).isFile()).toBe(true)
})

test('what two subpaths export under one name is one and the same, however it is loaded', async () => {
  const differing = await evaluate(
    'module',
    `
    import { createRequire } from 'node:module'
    const require = createRequire(import.meta.url)
    const seen = new Map()
    const differing = []
    for (const specifier of ${JSON.stringify(specifiers)}) {
      for (const namespace of [await import(specifier), require(specifier)]) {
        for (const [name, value] of Object.entries(namespace)) {
          if (seen.has(name) && seen.get(name) !== value) differing.push(specifier + ' ' + name)
          seen.set(name, value)
        }
      }
    }
    console.log(JSON.stringify(differing))`,
  )
  expect(differing).toEqual([])
})

test('there is one copy of the error classes in the whole package', async () => {
  const declaration = /(?:class (\w+)|(\w+) = class(?: \w+)?) extends (?:\w*Error)\b/g
  const names = (await readScripts()).flatMap(({ source }) =>
    [...source.matchAll(declaration)].map(([, name, assigned]) => name ?? assigned),
  )
  expect(names).toContain('ConnectorsError')
  expect(names).toEqual([...new Set(names)])
})

test('importing the package loads no heavy package before its first use', async () => {
  for (const { name } of entries) {
    const packages = (await staticImports(`dist/${name}.js`)).packages
    expect(
      // Whoever imports the console wants it rendered.
      packages.filter((item) => /^(undici|pino|p-queue|oauth4webapi|hono)/.test(item) && name !== 'admin'),
      `dist/${name}.js`,
    ).toEqual([])
  }
})

test('importing the package loads no use-case: they come with ready()', async () => {
  const { packages } = await staticImports('dist/index.js')
  expect(packages.sort()).toEqual(['async_hooks', 'crypto', 'mitt', 'zod'])
})

test.each(compilers)(
  'types of every subpath compile for a strict user of TypeScript %s, as ES module and as CommonJS',
  async (compiler) => {
    const source = [
      ...specifiers.map((specifier, index) => `import * as entry${index} from '${specifier}'`),
      `export const all = [${specifiers.map((_, index) => `entry${index}`).join(', ')}]`,
    ].join('\n')
    await writeFile(join(folder, 'user.mts'), source)
    await writeFile(join(folder, 'user.cts'), source)
    const options = {
      module: 'NodeNext',
      target: 'ES2022',
      lib: ['ES2022'],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['user.mts', 'user.cts'] }),
    )
    const tsc = join(folder, `node_modules/typescript-${compiler}/bin/tsc`)
    const outcome = await run(process.execPath, [tsc, '-p', folder]).catch((error: { stdout: string }) => error)
    // Drizzle's own declarations don't compile without skipLibCheck: they import every driver there is.
    const errors = outcome.stdout.split(/\n(?=\S)/).filter((error) => !/^\S*node_modules\/drizzle-orm\//.test(error))
    expect(errors.join('').trim()).toBe('')
  },
)

test('the package stays within its size budget', async () => {
  // Budgets in bytes: raise them knowingly, in the commit that needs it.
  expect((await stat(tarball)).size).toBeLessThan(410_000)
  // What an import of the package reads before anything can be configured; compressed as the benchmark measures it.
  const { files } = await staticImports('dist/index.js')
  const sources = await Promise.all(files.map((file) => readFile(join(installed, file))))
  expect(gzipSync(Buffer.concat(sources), { level: 9 }).length).toBeLessThan(32_000)
})

test('nothing in the package names the machine it was built on', async () => {
  for (const { file, source } of await readScripts()) {
    expect(source.includes(root), file).toBe(false)
  }
})

/** All JavaScript of the package. */
async function readScripts(): Promise<readonly { readonly file: string; readonly source: string }[]> {
  const { stdout } = await run('tar', ['tzf', tarball])
  const files = stdout
    .split('\n')
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.replace(/^package\//, ''))
  return Promise.all(files.map(async (file) => ({ file, source: await readFile(join(installed, file), 'utf8') })))
}

/** The files and packages that are loaded when a file of the package is. */
async function staticImports(entry: string): Promise<{ readonly files: string[]; readonly packages: string[] }> {
  const files = new Set<string>()
  const packages = new Set<string>()
  const queue = [entry]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (files.has(file)) continue
    files.add(file)
    const source = await readFile(join(installed, file), 'utf8')
    for (const match of source.matchAll(/^(?:import|export)\b[^'"]*['"]([^'"]+)['"];?$/gm)) {
      const specifier = match[1] ?? ''
      if (specifier.startsWith('.')) queue.push(join(dirname(file), specifier))
      else packages.add(specifier)
    }
  }
  return { files: [...files], packages: [...packages] }
}

test('the published contract runs under node:test, against the published memory repositories', async () => {
  await writeFile(
    join(folder, 'contract.test.mjs'),
    `import { randomUUID } from 'node:crypto'
     import { describe, test } from 'node:test'
     import { memoryRepositories } from 'bapp-connectors/memory'
     import { registerRepositoryContract } from 'bapp-connectors/testing'
     const repositories = memoryRepositories()
     registerRepositoryContract({ describe, test }, {
       repositories,
       newTenantId: () => randomUUID(),
       traits: { concurrency: 'parallel' },
       handle: {
         write: async (tx, key) => { tx.table('rows').set(key, { key }) },
         exists: async (key) => repositories.table('rows').has(key),
       },
       exactTenants: ['t1', 'T1', 't1 '],
     })`,
  )
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', 'contract.test.mjs'], {
    cwd: folder,
  })
  const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1])
  expect(count('pass')).toBeGreaterThan(100)
  // The answer to a COMMIT can't get lost where there is no network.
  expect([count('fail'), count('skipped'), count('cancelled')]).toEqual([0, 1, 0])
})
