import { describe, expect, it } from 'vitest'
import { createPinoLogger } from '../../../src/adapters/node/pino-logger.ts'

function collect() {
  const lines: Record<string, unknown>[] = []
  let wake = () => {}
  return {
    lines,
    destination: {
      write(line: string) {
        lines.push(JSON.parse(line) as Record<string, unknown>)
        wake()
      },
    },
    async until(count: number) {
      while (lines.length < count) await new Promise<void>((resolve) => (wake = resolve))
      return lines
    },
  }
}

describe('the default logger', () => {
  it('writes lines in order, those included that came while pino was loading', async () => {
    const { destination, lines, until } = collect()
    const logger = createPinoLogger({ level: 'debug', destination })
    logger.debug({ n: 1 }, 'first')
    logger.error({ n: 2 }, 'second')
    expect(lines).toEqual([])
    await until(2)
    logger.warn({ n: 3 }, 'third')
    expect(lines).toMatchObject([
      { level: 20, n: 1, msg: 'first' },
      { level: 50, n: 2, msg: 'second' },
      { level: 40, n: 3, msg: 'third' },
    ])
  })

  it('leaves lines below its level out, and takes an unknown level for info', async () => {
    const { destination, until } = collect()
    const logger = createPinoLogger({ level: 'loud', destination })
    logger.debug({}, 'too fine')
    logger.info({}, 'fine')
    expect(await until(1)).toMatchObject([{ msg: 'fine' }])
  })
})
