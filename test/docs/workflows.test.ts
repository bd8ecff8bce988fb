import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const root = new URL('../../', import.meta.url).pathname
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const yamlIn = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.yml'))
    .map((file) => join(folder, file))

const workflowSchema = z.object({
  name: z.string(),
  permissions: z.object({ contents: z.literal('read') }),
  jobs: z.record(
    z.string(),
    z.object({
      'runs-on': z.string(),
      'timeout-minutes': z.number(),
      strategy: z.object({ matrix: z.object({ node: z.array(z.number()) }) }).optional(),
      steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() })),
    }),
  ),
})
const workflow = (path: string) => workflowSchema.parse(parse(read(path)))
const stepsOf = (path: string) => Object.values(workflow(path).jobs).flatMap(({ steps }) => steps)

/** The commands of the README's first code block, without what they are said to do. */
const twoCommands = () => {
  const [, block = ''] = /^```sh\n(npm ci[\s\S]*?)^```/m.exec(read('README.md')) ?? []
  return block
    .split('\n')
    .map((line) => line.replace(/ +#.*/, ''))
    .filter((line) => line !== '')
}

test.each(yamlIn('.github/workflows'))('%s can be read, and runs no action that can change under its name', (path) => {
  const actions = stepsOf(path).flatMap(({ uses }) => uses ?? [])
  expect(actions).not.toEqual([])
  expect(actions.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([])
})

test('the commands of the README are what is run on every supported version of Node', () => {
  const { readme } = workflow('.github/workflows/ci.yml').jobs
  expect(twoCommands()).toHaveLength(2)
  expect(readme?.steps.flatMap(({ run }) => run ?? [])).toEqual(twoCommands())
  expect(readme?.strategy?.matrix.node).toEqual([20, 22, 24])
  for (const command of twoCommands()) expect(read('CONTRIBUTING.md')).toContain(command)
})

test('the gate is the one that .ci/run is, before a change is merged and before a release', () => {
  for (const path of yamlIn('.github/workflows')) {
    expect(stepsOf(path).map(({ run }) => run)).toContain('sudo --preserve-env=PATH,CI .ci/run')
  }
})

test('what is published is the tarball that the gate has tested', () => {
  const commands = stepsOf('.github/workflows/release.yml').flatMap(({ run }) => run ?? [])
  const publish = commands.findIndex((command) => command.includes('publish .tmp/package.tgz --provenance'))
  expect(publish).toBeGreaterThan(commands.findIndex((command) => command.includes('.ci/run')))
  expect(read('scripts/pack.ts')).toContain("'package.tgz'")
})

test('the changelog begins with the version of package.json, where the next one is put', () => {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(read('package.json')))
  expect(read('CHANGELOG.md').split('\n## ').slice(0, 2)).toEqual([
    '# Changelog\n',
    expect.stringMatching(`^${version}\n`),
  ])
})

test.each(yamlIn('.github/ISSUE_TEMPLATE'))('%s can be read', (path) => {
  expect(parse(read(path))).toBeTypeOf('object')
})
