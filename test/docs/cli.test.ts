import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commands } from '../../src/cli/commands.ts'
import { checkNames, findingKinds } from '../../src/cli/doctor/finding.ts'
import { appOptions } from '../../src/cli/with-app.ts'

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
const sectionOf = (title: string) => page.split(/^## /m).find((part) => part.startsWith(`${title}\n`)) ?? ''
const flagsIn = (section: string) => [...section.matchAll(/^\| `--([a-z-]+)` \|/gm)].map(([, flag]) => flag)

test('the page of the command line begins with a list of all commands', () => {
  const listed = [...page.matchAll(/^npx bapp-connectors ([a-z ]*[a-z]) +# /gm)].map(([, name]) => name)
  expect(listed).toEqual(commands.map(({ name }) => name))
})

test.each(commands)('the section on $name lists its options and no others', ({ name, options }) => {
  const shared = Object.keys(options).includes('app') ? Object.keys(appOptions) : []
  expect(sectionOf(name)).not.toBe('')
  expect(flagsIn(sectionOf(name))).toEqual(Object.keys(options).filter((option) => !shared.includes(option)))
})

test('the section on the instance lists the options that go with it', () => {
  expect(flagsIn(sectionOf('Your instance'))).toEqual(Object.keys(appOptions))
})

test('the section on the doctor lists every check, and every finding with its level', () => {
  const rows = [...sectionOf('doctor').matchAll(/^\| `([A-Za-z_]+)` \| ([^|]+) \|/gm)].map(([, name, cell]) => [
    name,
    cell,
  ])
  expect(rows.slice(0, checkNames.length).map(([name]) => name)).toEqual([...checkNames])
  expect(rows.slice(checkNames.length)).toEqual(Object.entries(findingKinds).map(([code, { level }]) => [code, level]))
})
