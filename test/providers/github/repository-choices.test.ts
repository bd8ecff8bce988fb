import { expect, onTestFinished, test } from 'vitest'
import { github } from '../../../src/providers/github/github.ts'
import { startFakeProvider } from '../../../src/testing/fake-provider.ts'
import { createProviderContext } from '../../support/provider-context.ts'

const signal = new AbortController().signal

/** The adapter of a token that sees so many pages of so many repositories. */
async function seeing({ pages, perPage }: { readonly pages: number; readonly perPage: number }) {
  const server = await startFakeProvider(({ url }, response) => {
    const page = Number(new URL(url, 'http://github.test').searchParams.get('page') ?? 1)
    const repositories = Array.from({ length: perPage }, (_, index) => {
      const id = (page - 1) * perPage + index + 1
      return { id, full_name: `acme/r${id}`, private: true, html_url: 'https://github.test' }
    })
    const next = page < pages ? { link: `</user/repos?page=${page + 1}>; rel="next"` } : {}
    response.writeHead(200, { 'content-type': 'application/json', ...next }).end(JSON.stringify(repositories))
  })
  onTestFinished(server.close)
  const settings = github.settings.parse({ baseUrl: server.origin })
  const { context } = createProviderContext()
  return { server, adapter: github.build({ ...context, credentials: { token: 'token-of-acme' }, settings }) }
}

test('the repository can be chosen among all that the token can see, from all pages', async () => {
  const { adapter } = await seeing({ pages: 3, perPage: 2 })
  const choices = await github.loadChoices(adapter, 'repository', { signal })
  expect(choices.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6].map((id) => `acme/r${id}`))
  expect(choices[0]).toEqual({ value: 'acme/r1', label: 'acme/r1' })
  expect(github.choiceFields).toEqual(['repository'])
})

test('after a thousand no more are asked for', async () => {
  const { adapter, server } = await seeing({ pages: 1_000, perPage: 100 })
  expect(await github.loadChoices(adapter, 'repository', { signal })).toHaveLength(1_000)
  expect(server.requests).toHaveLength(10)
})
