import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { describeConsole } from './describe-console.ts'

describeConsole('an operator at the console', (world) => {
  const openConnection = async (name: string): Promise<Page> => {
    const page = await world().open()
    await page.goto(`${world().url}/connections`)
    await page.getByRole('link', { name, exact: true }).click()
    await page.getByRole('heading', { level: 1, name }).waitFor()
    return page
  }
  /** Presses a button, and waits for the page that answers. */
  const press = async (page: Page, button: Locator) => {
    const answered = page.waitForEvent('load')
    await button.click()
    await answered
  }
  const notice = (page: Page) => page.getByRole('status').textContent()
  const badge = (page: Page) => page.locator('.title .badge').textContent()
  const namesOf = (page: Page) => page.locator('main tbody tr td:first-child a').allTextContents()

  test('sees at a glance what is wrong, and is led there', async () => {
    const page = await world().open()
    await page.goto(world().url)
    expect(await page.getByRole('link', { name: /^Failing syncs/ }).textContent()).toMatch(/^Failing syncs1tried/)
    expect(await page.getByRole('img', { name: /^Calls by hour: \d{3} calls, \d+ failed$/ }).count()).toBe(1)
    await page.getByRole('link', { name: /^Failing syncs/ }).click()
    await page.waitForURL('**/syncs?status=failed')
    expect(await page.locator('tbody tr').count()).toBe(1)
    await page.getByRole('link', { name: 'Globex Store' }).click()
    expect(await page.getByText('has no tax class').count()).toBeGreaterThan(0)
  })

  test('filters the connections by a choice, at once, and searches among them', async () => {
    const page = await world().open()
    await page.goto(`${world().url}/connections`)
    expect(await namesOf(page)).toHaveLength(10)
    await page.getByLabel('Provider').selectOption({ label: 'Stripe' })
    await page.waitForURL('**/connections?provider=stripe')
    expect(await namesOf(page)).toEqual(['Acme Payments', 'Globex Payments', 'Umbrella Billing'])
    await page.getByLabel('Enabled').selectOption('no')
    await page.waitForURL('**enabled=no')
    expect(await namesOf(page)).toEqual(['Globex Payments'])
    await page.getByRole('link', { name: 'Clear' }).click()
    await page.getByLabel('Search').fill('Trader')
    await page.getByLabel('Search').press('Enter')
    await page.waitForURL('**text=Trader')
    expect(await namesOf(page)).toEqual(['Northwind Traders'])
  })

  test('looks at one tenant', async () => {
    const page = await world().open()
    await page.goto(`${world().url}/connections`)
    await page.getByLabel('Tenant').fill('initech')
    await page.getByLabel('Tenant').press('Enter')
    await page.waitForURL('**tenant=initech')
    await page.getByRole('link', { name: 'Connections', exact: true }).click()
    await page.waitForURL('**/connections?tenant=initech')
    expect(await namesOf(page)).toEqual(['Initech Supplies', 'Initech source code'])
  })

  test('replaces credentials, which are tested and never shown', async () => {
    const { providers, cast, connectors } = world()
    const page = await openConnection('Acme Outdoor')
    const [key, secret] = ['ck_renewed_by_the_operator', 'cs_renewed_by_the_operator']
    await page.getByText('Credentials', { exact: true }).click()
    expect(await page.getByLabel('Consumer key').inputValue()).toBe('')
    await page.getByLabel('Consumer key').fill(key)
    await page.getByLabel('Consumer secret').fill(secret)
    await page.getByLabel('Address of the shop').fill(providers.woocommerce.storeUrl)
    await press(page, page.getByRole('button', { name: 'Replace the credentials' }))
    expect(await notice(page)).toMatch(/^refused: the credentials are replaced/)
    providers.woocommerce.keys.set(key, { secret, permissions: 'read_write' })
    providers.woocommerce.keys.delete(cast.acmeShop.key)
    await press(page, page.getByRole('button', { name: 'Test', exact: true }))
    expect(await notice(page)).toMatch(/^connected: /)
    expect(await page.content()).not.toMatch(/renewed_by_the_operator/)
    const acts = await connectors.operator.executions.list({ connectionId: cast.acmeShop.id, runId: 'operator' }).all()
    expect(acts.map(({ action, actor }) => `${actor} ${action}`)).toEqual([
      'chief@example.com connections.test',
      'chief@example.com connections.rotateCredentials',
    ])
  })

  test('sees a revoked key trip the breaker, and turns the connection on again', async () => {
    const { providers, cast } = world()
    const page = await openConnection('Umbrella Billing')
    expect(await badge(page)).toBe('Operational')
    providers.stripe.keys.delete(cast.umbrellaBank.key)
    for (const state of ['Not connected', 'Not connected', 'Disabled']) {
      await press(page, page.getByRole('button', { name: 'Test', exact: true }))
      expect(await notice(page)).toMatch(/^refused: /)
      expect(await badge(page)).toBe(state)
    }
    expect(await page.getByText('Disabled: 3 authentication failures in a row').count()).toBe(1)
    providers.stripe.keys.add(cast.umbrellaBank.key)
    await press(page, page.getByRole('button', { name: 'Enable' }))
    expect(await notice(page)).toMatch(/^connected: /)
    expect(await badge(page)).toBe('Operational')
  })

  test('disables a connection with a reason, after being asked', async () => {
    const page = await openConnection('Acme engineering')
    await page.getByText('Pause or disable').click()
    const disabling = page.locator('form', { has: page.getByRole('button', { name: 'Disable' }) })
    await disabling.getByLabel('Reason').fill('moved to another host')
    page.once('dialog', (dialog) => dialog.dismiss())
    await page.getByRole('button', { name: 'Disable' }).click()
    expect(await badge(page)).toBe('Operational')
    page.once('dialog', (dialog) => dialog.accept())
    await press(page, page.getByRole('button', { name: 'Disable' }))
    await page.getByText('Disabled: moved to another host').waitFor()
    await page.goto(`${world().url}/activity`)
    const newest = page.locator('tbody tr').first()
    expect(await newest.textContent()).toMatch(/chief@example\.com *connections\.disable/)
  })

  test('is told by field what is wrong with settings', async () => {
    const page = await openConnection('Northwind Traders')
    await page.getByText('Settings', { exact: true }).click()
    await page.getByLabel('VAT rate').fill('a lot')
    await press(page, page.getByRole('button', { name: 'Save the settings' }))
    const field = page.getByLabel('VAT rate')
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    expect(await field.inputValue()).toBe('a lot')
    expect(await page.locator('#settings-vat_rate-error').textContent()).toContain('must be')
    await field.fill('0.19')
    await press(page, page.getByRole('button', { name: 'Save the settings' }))
    expect(await notice(page)).toBe('The settings are saved.')
  })

  test('runs a sync, and begins a full pass only after typing its name', async () => {
    const page = await openConnection('Northwind Traders')
    const row = page.locator('tr', { hasText: 'Customers' }).first()
    expect(await row.textContent()).toContain('never run')
    await press(page, row.getByRole('button', { name: 'Run' }))
    expect(await notice(page)).toBe('Synced to the end: 20 items on 1 pages.')
    expect(await row.textContent()).toMatch(/completed/)
    for (const [typed, said] of [
      ['orders', 'Nothing was begun: type the name of the resource to begin a full pass.'],
      ['customers', 'Synced to the end: 20 items on 1 pages.'],
    ] as const) {
      await row.getByText('More').click()
      await row.locator('form', { hasText: 'Sync everything anew' }).getByRole('textbox').fill(typed)
      await press(page, row.getByRole('button', { name: 'Sync everything anew' }))
      expect(await notice(page)).toBe(said)
    }
  })

  test('replays a dead webhook once its cause is mended', async () => {
    const { closedBooks } = world()
    const page = await world().open()
    await page.goto(`${world().url}/webhooks?status=dead`)
    await page.getByRole('link', { name: 'order.deleted' }).first().click()
    expect(await page.getByText('invoices are never changed').count()).toBe(1)
    await press(page, page.getByRole('button', { name: 'Replay' }))
    expect(await notice(page)).toBe('Replayed: failed.')
    closedBooks.delete('umbrella')
    await press(page, page.getByRole('button', { name: 'Replay' }))
    expect(await notice(page)).toBe('The webhook is processed.')
    expect(await badge(page)).toBe('processed')
  })

  test('finds a call by its URL, and what was kept of one that failed', async () => {
    const page = await world().open()
    await page.goto(`${world().url}/calls`)
    await page.getByLabel('Search').fill('/orders/99999')
    await page.getByLabel('Search').press('Enter')
    await page.waitForURL('**text=**')
    await page.getByLabel('Result').selectOption('4xx')
    await page.waitForURL('**status=4xx**')
    expect(await page.locator('tbody tr').count()).toBe(6)
    await page.getByText('What was kept').first().click()
    expect(await page.locator('details[open]').textContent()).toContain('woocommerce_rest_shop_order_invalid_id')
  })

  test('gets a way on where something is not there', async () => {
    const page = await world().open()
    const response = await page.goto(`${world().url}/connections/${'0'.repeat(32)}`)
    expect(response?.status()).toBe(404)
    await page.getByRole('heading', { name: 'No such connection' }).waitFor()
    await page.getByRole('link', { name: 'To the connections' }).click()
    expect(await namesOf(page)).toHaveLength(10)
  })
})
