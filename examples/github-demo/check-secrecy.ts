import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checklist } from './checklist.ts'
import { findSecrets, type Haystack } from './find-secrets.ts'
import type { DemoWorld } from './start-demo-world.ts'

/** Looks for the planted secrets in the database files, in the log and in all that was printed. */
export async function checkSecrecy(
  { folder, logLines, secrets }: DemoWorld,
  printed: string,
  checklist: Checklist,
): Promise<void> {
  const files: Haystack[] = []
  for (const name of await readdir(folder)) files.push({ name, bytes: await readFile(join(folder, name)) })
  const places = {
    'the SQLite file and its log': files,
    'the log lines': [{ name: 'the log lines', bytes: Buffer.from(logLines.join('\n')) }],
    'the output': [{ name: 'the output', bytes: Buffer.from(printed) }],
  }
  // What was stored in clear has to be found: otherwise the search would prove nothing.
  const control = [{ name: 'display name of acme', bytes: Buffer.from('GitHub of Acme Corp.') }]
  checklist.expect('a control text is found in the SQLite file', true, findSecrets(control, files).length > 0)
  for (const [place, haystacks] of Object.entries(places)) {
    const found = findSecrets(secrets.all, haystacks)
    checklist.expect(`${secrets.all.length} planted secrets, in ${place}`, 'none', found.join(', ') || 'none')
  }
}
