import prismaSchema from '@prisma/prisma-schema-wasm'

/** What `prisma validate` has to say against a schema of several files; `null` if nothing. */
export function prismaComplaint(files: Readonly<Record<string, string>>): string | null {
  try {
    prismaSchema.validate(JSON.stringify({ prismaSchema: Object.entries(files), noColor: true }))
    return null
  } catch (error) {
    return String(error)
  }
}

/** What `prisma format` makes of a schema of one file. */
export function prismaFormatted(content: string): string {
  const files = [['schema.prisma', content]]
  const params = {
    textDocument: { uri: 'schema.prisma' },
    options: { tabSize: 2, insertSpaces: true },
  }
  const [formatted] = JSON.parse(prismaSchema.format(JSON.stringify(files), JSON.stringify(params))) as [
    [string, string],
  ]
  return formatted[1]
}
