import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeConsole } from './describe-console.ts'
import { everyPage } from './pages.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const rules: RunOptions = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }

/** What axe finds on a page that keeps somebody out, as `rule: element`. */
async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe)
  const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify(rules)})`)) as AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical' || impact === 'moderate')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
    )
}

describeConsole('the console is for everybody', (world) => {
  test.each(['light', 'dark'] as const)('axe finds nothing on any page, in the %s theme', async (colorScheme) => {
    const page = await world().open({ colorScheme })
    for (const [name, path] of Object.entries(await everyPage(world()))) {
      await page.goto(world().url + path)
      await page.locator('details').evaluateAll((all) => {
        for (const details of all) details.setAttribute('open', '')
      })
      expect([name, await findings(page)]).toEqual([name, []])
    }
  })

  test.each([360, 768, 1_280])('no page is wider than a screen of %i pixels', async (width) => {
    const page = await world().open({ viewport: { width, height: 800 } })
    for (const [name, path] of Object.entries(await everyPage(world()))) {
      await page.goto(world().url + path)
      await page.locator('details').evaluateAll((all) => {
        for (const details of all) details.setAttribute('open', '')
      })
      expect([name, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([name, width])
      // A table may scroll within its frame where there is room for one; on a phone it is cards.
      const frames = await page.locator('.table-frame').all()
      for (const frame of width < 700 ? frames : []) {
        expect([name, await frame.evaluate((box) => box.scrollWidth - box.clientWidth)]).toEqual([name, 0])
      }
    }
  })

  test('a phone shows tables as cards, with a name before every value', async () => {
    const page = await world().open({ viewport: { width: 360, height: 800 } })
    await page.goto(`${world().url}/connections`)
    const cell = page.locator('td[data-label=State]').first()
    expect(await cell.evaluate((td) => getComputedStyle(td, '::before').content)).toBe('"State"')
    expect(await page.getByRole('columnheader').first().isVisible()).toBe(true)
  })

  test('the keyboard reaches the content at once, and shows where it is', async () => {
    const page = await world().open()
    await page.goto(world().url)
    await page.keyboard.press('Tab')
    const skip = page.getByRole('link', { name: 'Skip to the content' })
    expect(await skip.evaluate((link) => document.activeElement === link)).toBe(true)
    expect(await skip.evaluate((link) => link.getBoundingClientRect().left)).toBeGreaterThanOrEqual(0)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    const focused = page.locator(':focus')
    expect(await focused.evaluate((element) => element.closest('main') !== null)).toBe(true)
    expect(await focused.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid')
  })

  test('it all works without JavaScript', async () => {
    const { url } = world()
    const page = await world().open({ javaScriptEnabled: false })
    await page.goto(`${url}/connections`)
    await page.getByLabel('Provider').selectOption({ label: 'GitHub' })
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.waitForURL('**provider=github**')
    expect(await page.locator('tbody tr').count()).toBe(2)
    await page.getByRole('link', { name: 'Acme engineering' }).click()
    await page.getByText('Rename or delete').click()
    await page.getByLabel('Name', { exact: true }).fill('Acme platform')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('heading', { level: 1, name: 'Acme platform' }).waitFor()
    expect(await page.getByRole('status').textContent()).toBe('The connection has a new name.')
    await page.getByRole('link', { name: 'Calls', exact: true }).click()
    await page.getByRole('link', { name: 'Next page' }).click()
    await page.getByRole('link', { name: 'First page' }).click()
    expect(await page.locator('tbody tr').count()).toBe(50)
  })
})
