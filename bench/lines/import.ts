import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { report } from '../support/report.ts'
import { median, quartiles } from '../support/statistics.ts'

const root = new URL('../../', import.meta.url).pathname
const library = join(root, '.tmp', 'bench-dist')
const require = createRequire(join(root, 'bench', 'package.json'))
const rounds = 15

/** Milliseconds that a fresh process needs for an import, after others. */
async function importMs(specifier: string, after: readonly string[] = []): Promise<number> {
  const source = `
    for (const first of ${JSON.stringify(after)}) await import(first)
    const startedAt = performance.now()
    await import(${JSON.stringify(specifier)})
    console.log(performance.now() - startedAt)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source], { cwd: root })
  return Number(stdout)
}

const imports: Readonly<Record<string, () => Promise<number>>> = {
  zod: () => importMs('zod'),
  '.': () => importMs(join(library, 'index.js')),
  '. after zod': () => importMs(join(library, 'index.js'), ['zod']),
  './prisma after zod': () => importMs(join(library, 'prisma.js'), ['zod']),
  '@prisma/client runtime': () =>
    importMs(createRequire(join(root, 'package.json')).resolve('@prisma/client/runtime/client')),
  'better-auth': () => importMs(require.resolve('better-auth')),
}
const times = new Map<string, number[]>(Object.keys(imports).map((name) => [name, []]))
for (let round = 0; round <= rounds; round += 1) {
  for (const [name, run] of Object.entries(imports)) {
    const ms = await run()
    if (round > 0) times.get(name)?.push(ms)
  }
}
const contenders = [...times].map(([name, all]) => ({
  name,
  perOperationUs: median(all) * 1_000,
  cpuUs: Number.NaN,
  operations: rounds,
}))
const over = (name: string, others: string) =>
  (times.get(name) ?? []).map((ms, round) => ms - (times.get(others)?.[round] ?? Number.NaN))
const overZod = over('.', 'zod')
report({
  name: 'import/core',
  what: 'import of ".": over importing zod alone',
  reference: 'zod',
  measured: median(overZod),
  unit: 'ms',
  spread: quartiles(overZod),
  target: { atMost: 40 },
  contenders,
})
const prisma = (times.get('./prisma after zod') ?? []).map(
  (ms, round) => ms / (times.get('@prisma/client runtime')?.[round] ?? Number.NaN),
)
report({
  name: 'import/prisma',
  what: 'import of "./prisma", zod being there',
  reference: '@prisma/client runtime, which whoever uses it imports anyway',
  measured: median(prisma),
  unit: 'x',
  spread: quartiles(prisma),
  target: { atMost: 1 },
  contenders: [],
})

/** The files that an import of the library loads. */
async function loaded(entry: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  const queue = [entry]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (files.has(file)) continue
    const source = await readFile(file, 'utf8')
    files.set(file, source)
    for (const match of source.matchAll(/^(?:import|export)\b[^'"]*['"](\.[^'"]+)['"];?$/gm)) {
      queue.push(join(dirname(file), match[1] ?? ''))
    }
  }
  return files
}
const core = [...(await loaded(join(library, 'index.js'))).values()].join('')
report({
  name: 'import/size',
  what: 'code that import of "." loads, as published, gzip',
  reference: 'without zod and other packages',
  measured: gzipSync(core, { level: 9 }).length / 1_000,
  unit: 'kB',
  spread: null,
  target: { atMost: 40 },
  contenders: [],
  note: `${(core.length / 1_000).toFixed(0)} kB before compression`,
})
