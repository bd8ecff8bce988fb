import { expect, test } from 'vitest'
import { createShopWorld } from '../support/shop-world.ts'
import { applicationWith } from './application-with.ts'

/** Pages are handled and forgotten. */
const handlers = { 'shop.orders': async () => {} }

test('sync run runs to the end, shows how far it is, and says what it did', async () => {
  const { connectors, connect } = await createShopWorld({ orderCount: 25, handlers })
  const { id } = await connect('t1')
  const folder = await applicationWith(() => connectors)
  const outcome = await folder.run(`sync run ${id} orders --app app.mjs`, undefined, { columns: 80 })
  expect(outcome).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Completed: 25 items in \d+ pages\.\n$/) })
  expect(outcome.stderr).toMatch(/25 items, \d+ pages\n$/)
})

test('--max-pages ends it early, --full begins anew, and --json has the result', async () => {
  const world = await createShopWorld({ orderCount: 25, handlers })
  const { id } = await world.connect('t1')
  const folder = await applicationWith(() => ({ ...world.connectors, close: async () => {} }))
  const first = await folder.run(`sync run ${id} orders --app app.mjs --max-pages 1 --json`)
  expect(first.code).toBe(0)
  expect(JSON.parse(first.stdout)).toMatchObject({ status: 'partial', reason: 'max-pages', pageCount: 1 })
  const second = await folder.run(`sync run ${id} orders --app app.mjs --full --json`)
  expect(JSON.parse(second.stdout)).toMatchObject({ status: 'completed', itemCount: 25 })
  expect(await world.connectors.operator.sync.state(id, 'orders')).toMatchObject({ generation: 1 })
})

test('Ctrl+C stops it after what is committed, with exit code 1', async () => {
  const { connectors, connect } = await createShopWorld({ orderCount: 25, handlers })
  const { id } = await connect('t1')
  const folder = await applicationWith(() => connectors)
  const interruptAt = (stderr: string) => stderr.includes('1 pages')
  const outcome = await folder.run(`sync run ${id} orders --app app.mjs`, undefined, { interruptAt })
  expect(outcome).toMatchObject({ code: 1, stdout: expect.stringContaining('Stopped before the end (aborted)') })
})

test('what was skipped or failed has exit code 1, and says why', async () => {
  const world = await createShopWorld({
    handlers: {
      'shop.orders': async () => {
        throw new Error('the table is full')
      },
    },
  })
  const { id } = await world.connect('t1')
  const folder = await applicationWith(() => ({ ...world.connectors, close: async () => {} }))
  const failed = await folder.run(`sync run ${id} orders --app app.mjs --json`)
  expect(failed.code).toBe(1)
  expect(JSON.parse(failed.stdout)).toMatchObject({
    status: 'failed',
    kind: 'handler',
    error: { code: 'HANDLER_FAILED' },
  })
  await world.connectors.operator.connections.disable(id, { reason: 'moving house' })
  const skipped = await folder.run(`sync run ${id} orders --app app.mjs`)
  expect(skipped).toMatchObject({ code: 1, stdout: expect.stringMatching(/^Skipped \(disabled\): .*moving house/) })
})

test.each([
  ['sync', 2, 'sync is one of: sync run'],
  ['sync run', 2, 'sync run needs <connectionId> and <resource>'],
  ['sync run a', 2, 'sync run needs <resource>'],
  ['sync run a b c', 2, 'sync run takes no "c"'],
  ['sync run a orders --app app.mjs --max-pages none', 2, '--max-pages must be'],
  ['sync run a orders --app app.mjs', 1, 'CONNECTION_NOT_FOUND'],
  ['sync runn a orders', 2, 'sync is one of: sync run'],
])('"%s" ends with %i', async (args, code, said) => {
  const { connectors } = await createShopWorld({ handlers })
  const outcome = await (await applicationWith(() => connectors)).run(args)
  expect(outcome).toMatchObject({ code, stdout: '' })
  expect(outcome.stderr).toContain(said)
})
