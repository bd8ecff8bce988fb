import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { lastLines, type TestReport, testFailures } from './failures.ts'

/**
 * The gate: runs every check in order, goes on after a failure so that one run tells everything, and says last
 * what a reader of the last lines wants to know: what failed and why, the test runner's own summary, and the totals.
 */
const steps = [
  { script: 'lint', needs: [] },
  { script: 'types', needs: [] },
  { script: 'architecture', needs: [] },
  { script: 'docs:api', needs: [] },
  { script: 'test:coverage', needs: [], report: 'unit' },
  { script: 'test:chaos', needs: [] },
  { script: 'bench:types', needs: [] },
  { script: 'test:jobs', needs: [], report: 'jobs' },
  { script: 'test:vendors', needs: [], report: 'vendors' },
  { script: 'test:apps', needs: [], report: 'apps' },
  { script: 'test:browser', needs: [], report: 'browser' },
  { script: 'build', needs: [] },
  { script: 'package', needs: ['build'], report: 'dist' },
] as const

interface Outcome {
  readonly script: string
  readonly status: 'ok' | 'failed' | 'left out'
  readonly seconds: number
  /** Both streams, as they came. */
  readonly output: string
}

const root = new URL('..', import.meta.url).pathname
const reports = join(root, '.tmp', 'reports')
rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

/** Runs an npm script, shows its output as it comes and keeps it. */
function run(script: string, args: readonly string[]): Promise<{ readonly isOk: boolean; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', script, ...args], {
      cwd: root,
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      process.stdout.write(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      process.stderr.write(chunk)
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ isOk: code === 0, output }))
  })
}

const outcomes: Outcome[] = []
for (const step of steps) {
  const isBlocked = outcomes.some(
    ({ script, status }) => status !== 'ok' && (step.needs as readonly string[]).includes(script),
  )
  if (isBlocked) {
    outcomes.push({ script: step.script, status: 'left out', seconds: 0, output: '' })
    continue
  }
  console.log(`\n=== ${step.script} ===`)
  const startedAt = performance.now()
  const args =
    'report' in step
      ? ['--', '--reporter=default', '--reporter=json', `--outputFile.json=${join(reports, `${step.report}.json`)}`]
      : []
  const { isOk, output } = await run(step.script, args)
  const seconds = (performance.now() - startedAt) / 1000
  outcomes.push({ script: step.script, status: isOk ? 'ok' : 'failed', seconds, output })
}

const reportOf = (name: string) => readReport(join(reports, `${name}.json`))
for (const [index, step] of steps.entries()) {
  const outcome = outcomes[index]
  if (outcome?.status !== 'failed') continue
  console.log(`\n=== ${step.script} failed ===`)
  const failures = 'report' in step ? testFailures(reportOf(step.report), root) : []
  // Without a test to blame it was another command of the step, an unhandled error, or a threshold.
  console.log(failures.length > 0 ? failures.join('\n') : lastLines(outcome.output))
}

console.log('\n=== check ===')
for (const { script, status, seconds } of outcomes) {
  console.log(`${script.padEnd(14)} ${status.padEnd(9)} ${seconds.toFixed(0).padStart(4)} s`)
}

const total = { passed: 0, failed: 0, skipped: 0 }
for (const [index, step] of steps.entries()) {
  if (!('report' in step)) continue
  console.log(`\n${step.script}`)
  const summary = /^.*Test Files .*$[\s\S]*?^.*Duration .*$/m.exec(outcomes[index]?.output ?? '')?.[0]
  console.log(summary ?? ' no test was run')
  const report = reportOf(step.report)
  total.passed += report.numPassedTests
  // A file that can't be loaded has no tests, and an unhandled error belongs to none: both are failures all the same.
  const strayCount = Number(/Errors .*?(\d+) error/.exec(summary ?? '')?.[1] ?? 0)
  total.failed += Math.max(report.numFailedTests, report.success ? 0 : 1) + strayCount
  total.skipped += report.numPendingTests + report.numTodoTests
}

const isGreen = outcomes.every(({ status }) => status === 'ok') && total.failed === 0 && total.passed > 0
if (!isGreen) console.log('\nThe check failed: see the lines above.')
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
process.exitCode = isGreen ? 0 : 1

/** Vitest's JSON report; one of a failure if there is none. */
function readReport(file: string): TestReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    const counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
    return { ...counts, success: false, testResults: [] }
  }
}
