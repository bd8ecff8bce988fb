import { expect, test } from 'vitest'
import { applicationFolder } from './application-folder.ts'
import { prismaComplaint } from './prisma-complaint.ts'

const datasource = 'datasource db {\n  provider = "sqlite"\n}\n'
const company = 'model Company {\n  id Int @id\n}\n'
const init = 'init --tenant-model Company'

// Prisma reads line by line; what it can't read, we can't edit safely.
test.each([
  ['a model in one line', 'model Other { id Int @id }', 4],
  ['a brace on the next line', 'model Other\n{\n  id Int @id\n}', 4],
  ['a brace behind a field', 'model Other {\n  id Int @id }', 5],
  ['a block attribute over several lines', 'model Other {\n  a Int\n  b Int\n  @@id([\n    a,\n    b\n  ])\n}', 7],
  ['an attribute over several lines', 'model Other {\n  a Int @id @default(\n    1\n  )\n}', 5],
  ['an attribute on the next line', 'model Other {\n  a Int\n    @id\n}', 6],
  ['two fields in a line', 'model Other {\n  a Int @id b Int\n}', 5],
  ['a block attribute behind a field', 'model Other {\n  a Int @id @@map("x")\n}', 5],
  ['two block attributes in a line', 'model Other {\n  a Int @id\n  @@map("x") @@ignore\n}', 6],
  ['an end of a statement', 'model Other {\n  a Int @id;\n}', 5],
  ['a colon', 'model Other {\n  a: Int @id\n}', 5],
  ['a string without an end', 'model Other {\n  a String @id @default("x)\n}', 5],
  ['a comment without an end', 'model Other {\n  a Int @id\n}\n/* x', 7],
  ['a word that means nothing', 'hello', 4],
  ['a misspelled keyword', 'Model Other {\n  a Int @id\n}', 4],
  ['a closing brace too many', 'model Other {\n  a Int @id\n}\n}', 7],
  ['nothing but marks of a conflict', '<<<<<<< HEAD\n=======\n>>>>>>> theirs', 4],
  ['a setting over several lines', 'generator g {\n  provider = [\n    "x"\n  ]\n}', 6],
  ['a setting without a value', 'generator g {\n  provider =\n}', 5],
  ['an enum with a comma', 'enum E {\n  a,\n  b\n}', 5],
])('%s: refused by Prisma and by init, with file and line', async (_, block, line) => {
  for (const eol of ['\n', '\r\n']) {
    const content = `${datasource}${block}\n${company}`.replaceAll('\n', eol)
    expect(prismaComplaint({ 'schema.prisma': content })).not.toBeNull()
    const folder = await applicationFolder({ 'schema.prisma': content })
    const outcome = await folder.run(init)
    expect(outcome).toMatchObject({ code: 1, stdout: '' })
    expect(outcome.stderr).toContain(`schema.prisma:${line}: `)
    expect(outcome.stderr).toContain('npx prisma validate')
    expect(await folder.snapshot()).toEqual({ 'schema.prisma': Buffer.from(content).toString('latin1') })
  }
})

test.each([
  ['braces in comments', '// model Connection {\nmodel Other { // {\n  /// }\n  a Int @id // }\n} // {'],
  ['braces and comments in strings', 'model Other {\n  a String @id @default("} // /* { \\" ")\n}'],
  ['comments over several lines', '/* model Connection {\n */\nmodel Other {\n  /* } */\n  a Int @id /* x\n } */\n}'],
  ['no blanks', 'model Other{\n  a Int @id@map("x")\n  b Int?\n}'],
  [
    'blanks everywhere',
    '  model  Other  {\n\ta   String   @id  @default ( "x" ) \n  b Int ?\n  @@index ( [ b , a ] ) \n  }',
  ],
  ['an enum with names', 'enum Other {\n  a @map("x") // {\n  b\n\n  @@map("other")\n}'],
  ['a generator', 'generator g {\n  provider = "x"\n  features = ["a", "b"] // }\n}'],
  ['a type that Prisma does not know', 'model Other {\n  a Int @id\n  b Unsupported("point(1)")? @map("c")\n}'],
  ['a field called model', 'model Other {\n  model Int @id\n  enum Int @unique\n}'],
  ['letters of the world', 'model Kunde {\n  größe Int @id\n}'],
  [
    'deeply nested arguments',
    'model Other {\n  a String @id @default(dbgenerated("f((1))"))\n  b Int\n  @@index([b(sort: Desc)], map: "x")\n}',
  ],
])('%s: read as Prisma reads it', async (_, block) => {
  for (const eol of ['\n', '\r\n', '\r']) {
    const content = `${datasource}${block}\n${company}`.replaceAll('\n', eol)
    const complaint = prismaComplaint({ 'schema.prisma': content })
    const folder = await applicationFolder({ 'schema.prisma': content })
    expect(await folder.run(init)).toMatchObject({ code: 0, stderr: '' })
    const after = await folder.read('schema.prisma')
    if (complaint === null) expect(prismaComplaint({ 'schema.prisma': after })).toBeNull()
    expect(after.startsWith(content.slice(0, content.indexOf('model Company')))).toBe(true)
    expect((await folder.run('init')).stdout).toContain('up to date')
  }
})
