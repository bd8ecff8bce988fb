import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type InitOptions, planInit } from '../../src/cli/init/plan-init.ts'
import { shippedFragments } from '../../src/cli/package-files.ts'
import type { SchemaFile } from '../../src/cli/schema/parse-schema.ts'
import { prismaComplaint } from './prisma-complaint.ts'

const fragments = await shippedFragments()

/** Text with everything that a careless reader of schemas stumbles over. */
const noise = fc
  .array(
    fc.constantFrom(
      'model Connection {',
      '}',
      '"',
      '\\',
      '@id',
      '@@id([a, b])',
      'é🎉',
      '//',
      '<<<',
      ' x',
      '*',
      '{',
      '(',
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(' '))
const comment = noise.map((text) => `// ${text}`)
const blockComment = noise.map((text) => `/* ${text.replaceAll('*', '').replaceAll('//', '')}\nmodel Connection { */`)
const quoted = noise.map((text) => JSON.stringify(text).replace(/[{}]/g, (brace) => brace))

const tenantFields = fc.record({
  id: fc.constantFrom('String @id', 'Int @id @default(autoincrement())', 'BigInt @id', 'String @id @default(uuid())'),
  text: quoted,
  before: fc.option(comment),
  after: fc.option(comment),
  indent: fc.constantFrom('  ', '\t', '    '),
  map: fc.boolean(),
})

const schemas = fc
  .record({
    dialect: fc.constantFrom('sqlite', 'postgresql', 'mysql'),
    tenant: tenantFields,
    around: fc.tuple(fc.option(comment), fc.option(blockComment), fc.option(comment)),
    order: fc.boolean(),
    lastEnd: fc.boolean(),
    eol: fc.constantFrom('\n', '\r\n'),
    isSplit: fc.boolean(),
    prefix: fc.constantFrom('', 'Shop', 'x_'),
  })
  .map(({ dialect, tenant, around, order, lastEnd, eol, isSplit, prefix }) => {
    const { id, text, before, after, indent, map } = tenant
    const datasource = `datasource db { // {\n  provider = "${dialect}"\n}`
    const model = [
      'model Company {',
      ...(before === null ? [] : [indent + before]),
      `${indent}key ${id}${after === null ? '' : ` ${after}`}`,
      `${indent}name String @default(${text})`,
      ...(map ? ['', `${indent}@@map("companies")`] : []),
      '}',
    ].join('\n')
    const other = 'enum Kind {\n  a // }\n  b\n}'
    const pieces = [around[0], datasource, around[1], ...(order ? [model, other] : [other, model]), around[2]]
    const done = (list: readonly (string | null)[]) =>
      (list.filter((piece) => piece !== null).join('\n\n') + (lastEnd ? '\n' : '')).replaceAll('\n', eol)
    const files: SchemaFile[] = isSplit
      ? [
          { path: 'schema/a.prisma', content: done(pieces.filter((piece) => piece !== model)) },
          { path: 'schema/b.prisma', content: done([model]) },
        ]
      : [{ path: 'schema/a.prisma', content: done(pieces) }]
    return { files, prefix, target: isSplit ? 'schema/connectors.prisma' : 'schema/a.prisma' }
  })

const options: InitOptions = { tenantModel: 'Company', hasRelation: true, isForced: false }

function run(files: readonly SchemaFile[], target: string, wanted: InitOptions) {
  const plan = planInit({ files, target, fragments }, wanted)
  if (plan.status === 'needs-tenant-model') throw new Error('asked')
  const after = new Map(files.map(({ path, content }) => [path, content]))
  for (const change of plan.changes) after.set(change.path, change.after)
  return { plan, files: [...after].map(([path, content]) => ({ path, content })) }
}

const byPath = (files: readonly SchemaFile[]) => Object.fromEntries(files.map(({ path, content }) => [path, content]))

test('whatever the schema looks like: a valid result, nothing else touched, and a second run is a no-op', () => {
  fc.assert(
    fc.property(schemas, ({ files, prefix, target }) => {
      expect(prismaComplaint(byPath(files))).toBeNull()
      const first = run(files, target, { ...options, prefix })
      expect(prismaComplaint(byPath(first.files))).toBeNull()
      for (const { path, content } of first.files) {
        const own = /(\r?\n)*^\/\/ >>> bapp-connectors[\s\S]*^\/\/ <<< bapp-connectors\r?\n/m
        const line = /^[ \t]+\w*[cC]onnections +\w*Connection\[\]\r?\n/m
        const rest = content.replace(own, '').replace(line, '')
        const before = files.find((file) => file.path === path)?.content ?? ''
        // The gap in front of the block may stand for the last line end of the file.
        expect(rest.replace(/(\r?\n)+$/, '')).toBe(before.replace(/(\r?\n)+$/, ''))
        expect(content.startsWith(before.slice(0, before.indexOf('model Company {') + 1))).toBe(true)
      }
      for (const again of [
        { ...options, prefix },
        { hasRelation: true, isForced: true },
      ]) {
        expect(run(first.files, target, again).plan).toMatchObject({ status: 'up-to-date', changes: [] })
      }
    }),
    { numRuns: 300 },
  )
})
