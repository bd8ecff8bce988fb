import { writeFile } from 'node:fs/promises'
import { dialects, schemaFragment } from './schema-fragment.ts'

// Writes the shipped schema fragments, one per database, from prisma/connectors.template. Run it after changing the template.
for (const dialect of dialects) {
  const file = new URL(`../prisma/connectors.${dialect}.prisma`, import.meta.url)
  await writeFile(file, await schemaFragment(dialect))
}
