import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'

// Packs `dist` as it would be published, to a path with no version in it: everything after this looks at that one file.
const root = new URL('..', import.meta.url).pathname
const folder = join(root, '.tmp')
mkdirSync(folder, { recursive: true })
const output = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' })
const [packed] = JSON.parse(output) as [{ filename: string; size: number; files: readonly unknown[] }]
renameSync(join(folder, packed.filename), join(folder, 'package.tgz'))
console.log(`packed ${packed.files.length} files, ${(packed.size / 1024).toFixed(1)} kB`)
