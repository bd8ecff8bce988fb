import { describe, expect, test } from 'vitest'
import { memoryRepositories } from '../../../src/adapters/memory/memory-repositories.ts'
import { operatorScope } from '../../../src/core/domain/tenant.ts'
import { newConnection, newWebhookEvent } from '../../../src/testing/index.ts'

const limits = { timeoutMs: 10_000, maxWaitMs: 10_000 }

/** A promise and the function that fulfils it. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open: () => open(), opened }
}

/** Opens a transaction that stays open until `end` is called. */
async function openTransaction(repositories = memoryRepositories()) {
  const started = gate()
  const ending = gate()
  const over = repositories.transaction(async ({ repositories: inside }) => {
    await inside.connections.create(newConnection({ tenantId: 'acme', id: 'inside' }))
    started.open()
    await ending.opened
  }, limits)
  await started.opened
  return {
    repositories,
    end: async () => {
      ending.open()
      await over
    },
  }
}

describe('turns', () => {
  test('a verb called while a transaction is open waits, and sees what the transaction committed', async () => {
    const { repositories, end } = await openTransaction()
    let isAnswered = false
    const found = repositories.connections.find({ scope: operatorScope, id: 'inside' }).finally(() => {
      isAnswered = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isAnswered).toBe(false)
    await end()
    expect(await found).toMatchObject({ id: 'inside' })
  })

  test('a verb that gets no turn in time is refused with STORE_UNAVAILABLE and does nothing later', async () => {
    const { repositories, end } = await openTransaction(memoryRepositories({ maxWaitMs: 5 }))
    const late = newConnection({ tenantId: 'acme' })
    await expect(repositories.connections.create(late)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('maxWaitMs'),
    })
    await end()
    expect(await repositories.connections.find({ scope: operatorScope, id: late.id })).toBeNull()
  })

  test('a transaction that gets no turn within its maxWaitMs is refused without running its work', async () => {
    const { repositories, end } = await openTransaction()
    let runs = 0
    const waiting = repositories.transaction(
      async () => {
        runs += 1
      },
      { timeoutMs: 10_000, maxWaitMs: 5 },
    )
    await expect(waiting).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await end()
    expect(runs).toBe(0)
    expect(await repositories.connections.find({ scope: operatorScope, id: 'inside' })).not.toBeNull()
  })

  test('turns are given in the order in which they were asked for', async () => {
    const { repositories, end } = await openTransaction()
    const order: number[] = []
    const calls = [1, 2, 3].map((number) =>
      repositories.transaction(async () => {
        order.push(number)
      }, limits),
    )
    await end()
    await Promise.all(calls)
    expect(order).toEqual([1, 2, 3])
  })

  test('a verb outside that the work waits for does not hang: the transaction times out and the store goes on', async () => {
    const repositories = memoryRepositories()
    const stuck = repositories.transaction(
      async () => {
        await repositories.connections.create(newConnection({ tenantId: 'acme', id: 'outside' }))
      },
      { timeoutMs: 20, maxWaitMs: 10_000 },
    )
    await expect(stuck).rejects.toMatchObject({ code: 'HANDLER_TIMEOUT' })
    expect(await repositories.connections.find({ scope: operatorScope, id: 'outside' })).not.toBeNull()
  })

  test('limits without end are no limits', async () => {
    const endless = { timeoutMs: Number.POSITIVE_INFINITY, maxWaitMs: Number.POSITIVE_INFINITY }
    const { repositories, end } = await openTransaction()
    // Node turns an endless delay into one of a millisecond.
    const laterThanThat = () => new Promise((resolve) => setTimeout(resolve, 3))
    const waiting = repositories.transaction(async () => {
      await laterThanThat()
      return 'done'
    }, endless)
    await laterThanThat()
    await end()
    expect(await waiting).toBe('done')
  })
})

test('no timer is left behind by a transaction that ended, or by one that waited for its turn', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  const before = timers()
  const { repositories, end } = await openTransaction()
  const waiting = repositories.transaction(async () => {}, limits)
  await end()
  await waiting
  const failing = repositories.transaction(async () => {
    throw new Error('no')
  }, limits)
  await expect(failing).rejects.toThrow('no')
  expect(timers()).toBe(before)
})

test('a stored body holds its own bytes only, not the buffer that they are a part of', async () => {
  const repositories = memoryRepositories()
  const rawBody = Buffer.alloc(1_000).subarray(10, 13)
  const event = newWebhookEvent({ tenantId: 'acme', connectionId: 'c', rawBody })
  await repositories.webhookEvents.insertIfAbsent(event)
  const found = await repositories.webhookEvents.find({ scope: operatorScope, id: event.id })
  expect(found?.rawBody.buffer.byteLength).toBe(3)
})

describe("the user's own tables", () => {
  test('are kept on commit, dropped on rollback, and seen outside only when committed', async () => {
    const repositories = memoryRepositories()
    await repositories.transaction(async ({ tx }) => {
      tx.table('orders').set('1', { total: 10 })
      expect(repositories.table('orders').size).toBe(0)
    }, limits)
    expect(repositories.table('orders').get('1')).toEqual({ total: 10 })
    const failing = repositories.transaction(async ({ tx }) => {
      tx.table('orders').set('2', { total: 20 })
      tx.table('orders').delete('1')
      throw new Error('no')
    }, limits)
    await expect(failing).rejects.toThrow('no')
    expect([...repositories.table('orders').keys()]).toEqual(['1'])
  })

  test('a row changed in place is rolled back too, and changes nothing once the transaction is over', async () => {
    const repositories = memoryRepositories()
    const row = { total: 10 }
    await repositories.transaction(async ({ tx }) => tx.table('orders').set('1', row), limits)
    row.total = 11
    const failing = repositories.transaction(async ({ tx }) => {
      const stored = tx.table<typeof row>('orders').get('1')
      if (stored !== undefined) stored.total = 12
      throw new Error('no')
    }, limits)
    await expect(failing).rejects.toThrow('no')
    const outside = repositories.table<typeof row>('orders').get('1')
    expect(outside).toEqual({ total: 10 })
    if (outside !== undefined) outside.total = 13
    expect(repositories.table('orders').get('1')).toEqual({ total: 10 })
  })

  test('a row that cannot be copied rolls everything back', async () => {
    const repositories = memoryRepositories()
    const connection = newConnection({ tenantId: 'acme' })
    const failing = repositories.transaction(async ({ repositories: inside, tx }) => {
      await inside.connections.create(connection)
      tx.table('orders').set('1', { total: 10 })
      tx.table('callbacks').set('1', () => {})
    }, limits)
    await expect(failing).rejects.toThrow()
    expect(await repositories.connections.find({ scope: operatorScope, id: connection.id })).toBeNull()
    expect(repositories.table('orders').size).toBe(0)
  })

  test('the handle and the repositories of a transaction that is over refuse to work', async () => {
    const repositories = memoryRepositories()
    const context = await repositories.transaction(async (inside) => inside, limits)
    expect(() => context.tx.table('orders')).toThrow('The transaction is over')
    const event = newWebhookEvent({ tenantId: 'acme', connectionId: 'c' })
    await expect(context.repositories.webhookEvents.insertIfAbsent(event)).rejects.toMatchObject({
      code: 'STORE_FAILED',
    })
    const query = { scope: operatorScope, filter: {}, limit: 10 }
    expect((await repositories.webhookEvents.list(query)).items).toEqual([])
  })
})

describe('tenant ids', () => {
  test('may be numbers and bigints, and the record keeps the type', async () => {
    const numbers = memoryRepositories<number>()
    const bigints = memoryRepositories<bigint>()
    await numbers.connections.create(newConnection({ tenantId: 7, id: 'n' }))
    await bigints.connections.create(newConnection({ tenantId: 2n ** 63n, id: 'b' }))
    const number = await numbers.connections.find({ scope: { kind: 'tenant', tenantId: 7 }, id: 'n' })
    const bigint = await bigints.connections.find({ scope: { kind: 'tenant', tenantId: 2n ** 63n }, id: 'b' })
    expect(number?.tenantId).toBe(7)
    expect(bigint?.tenantId).toBe(2n ** 63n)
  })

  test('that are none are refused', async () => {
    const list = memoryRepositories<number>()
    await list.connections.create(newConnection({ tenantId: 1 }))
    const scope = { kind: 'tenant', tenantId: Number.NaN } as const
    await expect(list.connections.list({ scope, filter: {}, limit: 1 })).rejects.toMatchObject({
      code: 'INVALID_TENANT_ID',
    })
  })
})
