import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const ports = new URL('../../src/core/ports/', import.meta.url).pathname

test.each(readdirSync(ports))('the port %s is made of types only', (file) => {
  const { outputText } = ts.transpileModule(readFileSync(join(ports, file), 'utf8'), {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
      removeComments: true,
    },
  })
  expect(outputText.trim()).toMatch(/^(export \{\};?)?$/)
})
