import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startAdminDemo } from '../../examples/admin-demo/start-admin-demo.ts'
import { chromiumMissing, launchChromium } from './chromium.ts'
import { authorizeByHeader, type OperatorName, operatorHeader } from './operators.ts'

type Demo = Awaited<ReturnType<typeof startAdminDemo>>

/** The console over its demo, and a browser. */
export interface ConsoleWorld extends Demo {
  readonly browser: Browser
  /** A page of a browser of its own, closed when the test ends. */
  readonly open: (options?: BrowserContextOptions & { readonly operator?: OperatorName }) => Promise<Page>
}

/** Tests of the console in a browser; left out, with the reason, where there is none. */
export function describeConsole(title: string, define: (world: () => ConsoleWorld) => void): void {
  if (chromiumMissing !== null) {
    test.skip(`${title} (skipped: ${chromiumMissing})`)
    return
  }
  describe(title, () => {
    let world: ConsoleWorld | null = null
    beforeAll(async () => {
      const [demo, browser] = await Promise.all([startAdminDemo(authorizeByHeader), launchChromium()])
      const open: ConsoleWorld['open'] = async ({ operator = 'chief', ...options } = {}) => {
        const context = await browser.newContext({ ...options, extraHTTPHeaders: { [operatorHeader]: operator } })
        context.setDefaultTimeout(15_000)
        onTestFinished(() => context.close())
        return context.newPage()
      }
      world = { ...demo, browser, open }
    })
    afterAll(async () => {
      await world?.browser.close()
      await world?.stop()
      expect(world?.errors, 'what went wrong while pages were made').toEqual([])
    })
    define(() => {
      if (world === null) throw new Error('The console has not started.')
      return world
    })
  })
}
