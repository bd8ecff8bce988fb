import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

/** Why there is no browser; `null` if there is one. Where all is to be tested, that is an error. */
export const chromiumMissing: string | null = existsSync(executablePath)
  ? null
  : `there is no Chromium at ${executablePath}: install Debian's package chromium, or say where it is with CHROMIUM_PATH`

if (chromiumMissing !== null && process.env.CI === 'true') throw new Error(chromiumMissing)

/** Starts a browser with a profile of its own that talks to nobody but the pages it is sent to. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      // Chromium's sandbox doesn't work as root, which containers are.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
