import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { postgresServer } from '../test/support/postgres-server.ts'
import { buildLibrary, bundleLines } from './support/bundle.ts'
import { isMet, type Line } from './support/line.ts'
import { regressions } from './support/regressions.ts'
import { type Results, requireDurable, toResults } from './support/results.ts'
import { runLine } from './support/run-line.ts'
import { toReport, toTable } from './support/table.ts'

/**
 * Measures the built library against what one would use otherwise, or against what the machine can do at most: prints a table,
 * and keeps it in `results.json` and in `docs/performance.md`.
 *
 * `--only accept` runs one of the files in `lines` and keeps nothing. `--check` compares with what was kept, and fails where a
 * ratio got worse. `--profile` writes a CPU profile of each file to `.tmp/bench-profiles`.
 */
const files = ['import', 'verify', 'seal', 'calls', 'accept', 'http', 'claim', 'sync', 'memory', 'audit', 'due']
const helpers = ['echo-server', 'http-server']
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    check: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})
const wanted = files.filter((file) => values.only === undefined || file === values.only)
if (wanted.length === 0) throw new Error(`--only takes one of ${files.join(', ')}.`)

const startedAt = performance.now()
const resultsFile = new URL('results.json', import.meta.url)
const page = new URL('../docs/performance.md', import.meta.url)
const pathOf = await bundleLines([...wanted, ...helpers], await buildLibrary())
const postgres = await postgresServer({ isDurable: true })
await requireDurable(postgres.url)

const measure = (file: string) =>
  runLine(pathOf(file), { postgresUrl: postgres.url, isProfiled: values.profile, onLine: progress })
const lines: Line[] = []
const failed: string[] = []
for (const file of wanted) {
  try {
    lines.push(...(await measure(file)))
  } catch (error) {
    console.error(error)
    failed.push(file)
  }
}
console.log(`\n${toTable(lines)}\n`)

if (values.check) {
  const kept = (JSON.parse(readFileSync(resultsFile, 'utf8')) as Results).lines
  const suspects = regressions(kept, lines)
  for (const file of wanted.filter((name) => suspects.some((text) => text.split(/[/:]/)[0] === name))) {
    console.log(`${file} is measured once more: it looks worse than what was kept`)
    const again = await measure(file)
    for (const line of again)
      lines.splice(
        lines.findIndex(({ name }) => name === line.name),
        1,
        line,
      )
  }
  const confirmed = regressions(kept, lines)
  console.log(confirmed.length === 0 ? 'no ratio got worse' : `worse than what was kept:\n${confirmed.join('\n')}`)
  process.exitCode = confirmed.length === 0 ? 0 : 1
} else if (values.only === undefined && failed.length === 0) {
  const results = await toResults(lines, postgres.url)
  writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`)
  const [before, , after] = readFileSync(page, 'utf8').split(/(?<=<!-- results -->\n)|(?=<!-- end of results -->)/)
  writeFileSync(page, `${before}\n${toReport(results)}\n\n${after}`)
}
await postgres.stop()
if (failed.length > 0) {
  console.log(`could not be measured: ${failed.join(', ')}`)
  process.exitCode = 1
}
console.log(
  `${lines.filter(isMet).length} of ${lines.length} targets met, ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`,
)

function progress({ name, measured, unit }: Line): void {
  console.error(`${name}: ${measured.toFixed(2)} ${unit}`)
}
