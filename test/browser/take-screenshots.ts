import { mkdirSync, statSync } from 'node:fs'
import { startAdminDemo } from '../../examples/admin-demo/start-admin-demo.ts'
import { chromiumMissing, launchChromium } from './chromium.ts'
import { everyPage } from './pages.ts'

/** Takes the pictures of `docs/admin.md`, of the console over its demo, and writes them to `docs/images`. */
if (chromiumMissing !== null) throw new Error(chromiumMissing)

const folder = new URL('../../docs/images/', import.meta.url).pathname
const sizes = { desktop: { width: 1_200, height: 750 }, phone: { width: 390, height: 844 } } as const
const pictures = [
  ['overview', 'desktop', 'light'],
  ['overview', 'desktop', 'dark'],
  ['overview', 'phone', 'light'],
  ['connections', 'desktop', 'light'],
  ['connections', 'phone', 'dark'],
  ['connection', 'desktop', 'light'],
  ['connection', 'phone', 'light'],
  ['webhook', 'desktop', 'dark'],
] as const
const mostBytes = 120_000

mkdirSync(folder, { recursive: true })
const [demo, browser] = await Promise.all([startAdminDemo(), launchChromium()])
const paths = await everyPage(demo)
for (const [name, size, colorScheme] of pictures) {
  const context = await browser.newContext({ viewport: sizes[size], colorScheme })
  const page = await context.newPage()
  await page.goto(demo.url + paths[name])
  const path = `${folder}admin-${name}-${size}-${colorScheme}.png`
  await page.screenshot({ path })
  const { size: bytes } = statSync(path)
  console.log(`${path.slice(folder.length)}: ${Math.round(bytes / 1_000)} kB`)
  if (bytes > mostBytes) throw new Error(`${path} is larger than ${mostBytes} bytes.`)
  await context.close()
}
await browser.close()
await demo.stop()
