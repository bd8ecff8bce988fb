import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/**
 * Runs the repository contract on every store and prints who keeps what: a row per case, a column per store, and how many
 * saboteurs (stores with one mistake each) the case was seen to catch.
 */
const root = new URL('..', import.meta.url).pathname
const report = join(root, '.tmp', 'reports', 'contract.json')
mkdirSync(join(root, '.tmp', 'reports'), { recursive: true })

const { status } = spawnSync(
  'npx',
  [
    'vitest',
    'run',
    '--project',
    'unit',
    'test/contract',
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ],
  { cwd: root, stdio: 'inherit' },
)

interface Result {
  readonly fullName: string
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled'
}
const files = (
  JSON.parse(readFileSync(report, 'utf8')) as {
    readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly Result[] }[]
  }
).testResults

const marks: Readonly<Record<string, string>> = { passed: '✓', failed: '✗' }
const cases = new Map<string, Map<string, string>>()
const stores: string[] = []
const reasons = new Map<string, string>()
const caught = new Map<string, number>()

for (const { name, assertionResults } of files) {
  const file = basename(name, '.test.ts')
  for (const { title, fullName, status: outcome } of assertionResults) {
    const id = /^([a-z-]+(?:\/[a-z0-9-]+){1,2}): /.exec(title)?.[1]
    if (id === undefined || !fullName.includes('repository contract')) {
      const by = /: caught by ([a-z-]+(?:\/[a-z0-9-]+){1,2})$/.exec(title)?.[1]
      if (by !== undefined && outcome === 'passed') caught.set(by, (caught.get(by) ?? 0) + 1)
      continue
    }
    // One file may run the contract on several stores, each under a name of its own.
    const variant = fullName.slice(0, fullName.indexOf('repository contract')).trim()
    const store = variant === '' ? file : `${file} ${variant}`
    if (!stores.includes(store)) stores.push(store)
    const row = cases.get(id) ?? new Map<string, string>()
    row.set(store, marks[outcome] ?? '–')
    cases.set(id, row)
    const reason = /\(skipped: (.*)\)$/.exec(title)?.[1]
    if (reason !== undefined) reasons.set(`${store}: ${reason}`, id)
  }
}

stores.sort()
const width = Math.max(...[...cases.keys()].map((id) => id.length))
console.log(`\n${stores.map((store, index) => `${index + 1} = ${store}`).join('\n')}\n`)
console.log(
  `${'case'.padEnd(width)}  ${stores.map((_, index) => String(index + 1).padStart(3)).join('')}  saboteurs caught`,
)
for (const [id, row] of cases) {
  const columns = stores.map((store) => (row.get(store) ?? ' ').padStart(3)).join('')
  console.log(`${id.padEnd(width)}  ${columns}  ${caught.get(id) ?? ''}`)
}
const outcomes = [...cases.values()].flatMap((row) => [...row.values()])
const count = (mark: string) => outcomes.filter((outcome) => outcome === mark).length
console.log(
  `\n${cases.size} cases on ${stores.length} stores: ${count('✓')} kept, ${count('✗')} broken, ${count('–')} left out; ` +
    `${[...caught.values()].reduce((sum, each) => sum + each, 0)} mistakes of saboteurs caught`,
)
for (const reason of [...reasons.keys()].sort()) console.log(`– ${reason}`)
process.exitCode = status ?? 1
