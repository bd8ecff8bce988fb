import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { dialects, schemaFragment } from '../../../scripts/schema-fragment.ts'

const folder = new URL('../../../prisma/', import.meta.url)
const shipped = (dialect: string) => readFile(new URL(`connectors.${dialect}.prisma`, folder), 'utf8')

/** A fragment without what may differ: the header and the native types. */
function meaning(fragment: string): readonly string[] {
  const models = fragment.slice(fragment.indexOf('\nmodel '))
  return models.split('\n').map((line) =>
    line
      .replace(/ @db\.\w+(\(\d+\))?/g, '')
      .replace(/ +/g, ' ')
      .trimEnd(),
  )
}

test.each(dialects)('the %s fragment is what the template makes of it', async (dialect) => {
  expect(await shipped(dialect), 'run tsx scripts/write-fragments.ts').toBe(await schemaFragment(dialect))
})

test('there is a fragment for each dialect, and all of them say the same but for native types', async () => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.prisma'))
  expect(files.sort()).toEqual(dialects.map((dialect) => `connectors.${dialect}.prisma`).sort())
  const [first = '', ...others] = await Promise.all(dialects.map(shipped))
  for (const other of others) expect(meaning(other)).toEqual(meaning(first))
  expect(meaning(first).filter((line) => line.startsWith('model '))).toHaveLength(5)
})

test('on MySQL every key has a length and fits an index, and every other text is of any length', async () => {
  const fragment = await shipped('mysql')
  for (const [, model = ''] of fragment.matchAll(/^model \w+ \{\n(.*?)^\}/gms)) {
    const keys = [...model.matchAll(/@@(?:unique|index)\(\[(.*?)\]\)/g)].map(([, columns = '']) => columns.split(', '))
    const lengths = new Map<string, number>()
    for (const [, name = '', native = ''] of model.matchAll(/^ {2}(\w+) +String(.*)$/gm)) {
      const length = / @db\.VarChar\((\d+)\)$/.exec(native)?.[1]
      if (length !== undefined) lengths.set(name, Number(length))
      else expect({ name, native }).toMatchObject({ native: expect.stringMatching(/ @db\.LongText$/) })
    }
    for (const key of keys) {
      // Four bytes for each character; an instant takes less than 40.
      const bytes = key.map((column) => (column.endsWith('At') ? 40 : 4 * (lengths.get(column) ?? Number.NaN)))
      expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(3_072)
    }
  }
})
