import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { applySabotage, sabotages } from './sabotages.ts'

const replacements = Object.entries(sabotages).flatMap(([name, files]) =>
  Object.entries(files).map(([file, replaced]) => ({ name, file, replaced })),
)

test.each(replacements)('the sabotage "$name" finds what it takes out of $file', ({ file, replaced }) => {
  const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8')
  expect(applySabotage(source, replaced)).not.toBe(source)
})
