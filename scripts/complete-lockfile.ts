import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Adds the platform packages (`@biomejs/cli-darwin-arm64`, …) that npm left out of the lockfile: it drops every optional
 * package that the registry it was run against doesn't serve, and then `npm ci` refuses the lockfile as incomplete.
 * Their versions are exact in the package that asks for them. They get no integrity hash, as there is nothing to compute it from.
 * Run it after changing a dependency: `tsx scripts/complete-lockfile.ts`. Does nothing to a complete lockfile.
 */
interface LockedPackage {
  readonly version?: string
  readonly dev?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const file = new URL('../package-lock.json', import.meta.url)
const lockfile = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, object> }
const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const processors: Readonly<Record<string, string>> = {
  arm: 'arm',
  arm64: 'arm64',
  ia32: 'ia32',
  loong64: 'loong64',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  x64: 'x64',
}

const added: string[] = []
for (const parent of Object.values({ ...lockfile.packages }) as LockedPackage[]) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`
    if (key in lockfile.packages || !/^\d+\.\d+\.\d+/.test(version)) continue
    const words = name.split(/[/-]/)
    const os = words.find((word) => systems.includes(word))
    const cpu = words.map((word) => processors[word]).find((processor) => processor !== undefined)
    if (os === undefined || cpu === undefined) {
      console.log(`left out ${name}@${version}: its name doesn't tell the platform`)
      continue
    }
    const libc = os !== 'linux' ? undefined : words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc'
    lockfile.packages[key] = {
      version,
      cpu: [cpu],
      ...(parent.dev === true && { dev: true }),
      ...(libc !== undefined && { libc: [libc] }),
      optional: true,
      os: [os],
    }
    added.push(`${name}@${version}`)
  }
}

if (added.length > 0) {
  // In npm's own order, so that its next write changes nothing.
  const sorted = Object.entries(lockfile.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
  writeFileSync(file, `${JSON.stringify({ ...lockfile, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
}
console.log(`added ${added.length}: ${added.join(', ')}`)
