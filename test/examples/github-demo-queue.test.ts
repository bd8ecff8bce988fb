import { afterEach, expect, test, vi } from 'vitest'
import { openDemoQueue } from '../../examples/github-demo/open-demo-queue.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('without the option there is no queue: everything is done in the process', async () => {
  await expect(openDemoQueue([])).resolves.toBeNull()
})

test('a misspelled queue is answered with those there are', async () => {
  await expect(openDemoQueue(['--queue', 'pgboss'])).rejects.toThrow(
    'There is no queue "pgboss": it is --queue pg-boss or --queue bullmq.',
  )
  await expect(openDemoQueue(['--que', 'bullmq'])).rejects.toThrow("Unknown option '--que'")
})

test('a server that is missing is named, and how to name another', async () => {
  vi.stubEnv('TEST_POSTGRES_URL', 'postgresql://postgres@127.0.0.1:1/postgres')
  vi.stubEnv('TEST_REDIS_URL', 'redis://127.0.0.1:1')
  await expect(openDemoQueue(['--queue', 'pg-boss'])).rejects.toThrow('name one in TEST_POSTGRES_URL')
  await expect(openDemoQueue(['--queue', 'bullmq'])).rejects.toThrow('name one in TEST_REDIS_URL')
})
