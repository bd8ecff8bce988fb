import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url).pathname
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const filesIn = (folder: string, extension: string) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith(extension) && !/(^|\/)(node_modules|generated)\//.test(file))
        .map((file) => join(folder, file))
    : []

const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...filesIn('docs', '.md')].filter(
  (file) => existsSync(join(root, file)),
)

/** Code without what indentation and empty lines add to it, so that a piece of a function can be shown flush left. */
const essence = (code: string) =>
  code
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')

// The page for beginners is whole: its files are compiled, and run, by test/dist/getting-started.test.ts.
const whole = 'docs/getting-started.md'

test.each(pages.filter((page) => !page.startsWith('docs/decisions/') && page !== whole))(
  'every TypeScript block of %s comes from a type-checked example',
  (page) => {
    const examples = filesIn('examples', '.ts').map((file) => `\n${essence(read(file))}\n`)
    const blocks = [...read(page).matchAll(/^```(?:ts|typescript)\b[^\n]*\n([\s\S]*?)^```/gm)].map(
      ([, code]) => code ?? '',
    )
    const unknown = blocks.filter((code) => !examples.some((example) => example.includes(`\n${essence(code)}\n`)))
    expect(unknown).toEqual([])
  },
)

test.each(pages)('every relative link of %s leads somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)].map(
    ([, target]) => target ?? '',
  )
  expect(links.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([])
})

/** The anchors of a page, as GitHub makes them of its headings. */
const anchorsOf = (page: string) =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

test.each(pages)('every link of %s to a heading finds it', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)]
  const lost = links.filter(([, target = '', anchor = '']) => {
    const path = target === '' ? page : join(dirname(page), target)
    return !anchorsOf(path.endsWith('.md') ? path : join(path, 'README.md')).includes(anchor)
  })
  expect(lost.map(([link]) => link)).toEqual([])
})

test.each(pages)('every npm script that %s names exists', (page) => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? '')
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})
