import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signatures } from 'bapp-connectors/providers'
import { signWebhook } from 'bapp-connectors/testing'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { crawl } from './all-paths.ts'
import { describeConsole } from './describe-console.ts'

/** Closes whatever it stands in, becomes an element, and runs, wherever it isn't taken as text. */
const payload = `</script></pre></title>'"><img data-xss src=x onerror="window.xss=1"><svg data-xss onload="window.xss=1">`

/** Whether any of it became more than text. */
async function hasStruck(page: Page): Promise<boolean> {
  return page.evaluate(() => 'xss' in window || document.querySelector('[data-xss]') !== null)
}

describeConsole('attacks on the console', (world) => {
  test('a form of another site does nothing', async () => {
    const { connectors, cast, url } = world()
    const { id } = cast.acmeShop
    const trap = `<form method="post" action="${url}/connections/${id}/disable"><input name="_token" value="x"></form>
      <script>document.forms[0].submit()</script>`
    const site = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(trap))
    site.listen(0, '127.0.0.1')
    await once(site, 'listening')
    onTestFinished(() => void site.close())
    const page = await world().open()
    // As whoever is signed in, who has a cookie of the console already.
    await page.goto(`${url}/connections/${id}`)
    const answer = page.waitForResponse((response) => response.request().method() === 'POST')
    // A server that listens on TCP has such an address.
    await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/`, { waitUntil: 'commit' })
    expect((await answer).status()).toBe(403)
    await page.getByText('It was not sent from a page of this console.').waitFor()
    expect(await connectors.operator.connections.get(id)).toMatchObject({ isEnabled: true })
  })

  test('the console can be framed by nobody', async () => {
    const page = await world().open()
    const refused = page.waitForEvent('requestfailed')
    await page.setContent(`<iframe src="${world().url}"></iframe>`, { waitUntil: 'commit' })
    expect((await refused).failure()?.errorText).toBe('net::ERR_BLOCKED_BY_RESPONSE')
  })

  test('what is typed into every text field of every form stays text', async () => {
    const { cast, url, connectors } = world()
    const page = await world().open()
    page.on('dialog', (dialog) => void dialog.accept())
    const home = `${url}/connections/${cast.northwindShop.id}`
    await page.goto(home)
    const actions = await page
      .locator('form.action')
      .evaluateAll((all) => all.map((form) => form.getAttribute('action')))
    const filled = new Set<string>()
    for (const action of new Set(actions)) {
      await page.goto(home)
      await page.locator('main details').evaluateAll((all) => {
        for (const details of all) details.setAttribute('open', '')
      })
      const form = page.locator(`form.action[action="${action}"]`)
      const fields = await form.locator('input:not([type=hidden]):not([type=checkbox]), textarea').all()
      if (fields.length === 0) continue
      for (const field of fields) {
        await field.evaluate((input) => input.removeAttribute('maxlength'))
        // Not what confirms that something is to be gone.
        await field.fill(`${payload}!`)
      }
      const name = action?.slice(action.lastIndexOf('/') + 1) ?? ''
      filled.add(name)
      const answered = page.waitForEvent('load')
      await form.locator('button').click()
      await answered
      expect([name, await hasStruck(page)]).toEqual([name, false])
      if (name === 'rename') {
        await page.getByRole('heading', { level: 1, name: payload }).waitFor()
        await connectors.operator.connections.update(cast.northwindShop.id, { displayName: 'Northwind Traders' })
      }
    }
    expect([...filled].sort()).toEqual([
      'credentials',
      'delete',
      'disable',
      'full',
      'pause',
      'rename',
      'reset',
      'schedule',
      'settings',
      'webhook-register',
      'webhook-secret',
    ])
    await page.goto(`${url}/activity`)
    expect(await page.getByText(payload.slice(0, 20)).count()).toBeGreaterThan(0)
    expect(await hasStruck(page)).toBe(false)
  })

  test('what is asked for in every filter stays text', async () => {
    const page = await world().open()
    for (const path of ['connections', 'syncs', 'webhooks', 'calls', 'activity']) {
      await page.goto(`${world().url}/${path}`)
      const names = await page
        .locator('form.filters [name]')
        .evaluateAll((all) => all.map((input) => input.getAttribute('name')))
      for (const name of [...names, 'tenant', 'after']) {
        await page.goto(`${world().url}/${path}?${name}=${encodeURIComponent(payload)}`)
        expect([path, name, await hasStruck(page)]).toEqual([path, name, false])
      }
    }
  })

  test('what tenants and providers say stays text, on every page', async () => {
    const { connectors, cast, providers, url } = world()
    const { operator } = connectors
    const { acmeShop, acmeBank } = cast
    await operator.connections.update(acmeShop.id, { displayName: payload })
    await operator.connections.setExternalAccount(acmeShop.id, payload)
    await operator.connections.pause(acmeBank.id, { forMs: 60_000, reason: payload })
    await operator.executions.record({
      connectionId: acmeShop.id,
      actor: payload,
      action: payload,
      outcome: payload,
      details: { payload },
    })
    providers.woocommerce.intercept = (_request, response) => {
      response
        .writeHead(422, { 'content-type': 'application/json' })
        .end(JSON.stringify({ code: payload, message: payload }))
      return true
    }
    await operator.sync.run(acmeShop.id, 'orders')
    await operator.connections.test(acmeShop.id)
    providers.woocommerce.intercept = null
    const rawBody = Buffer.from(JSON.stringify({ id: 7, note: payload }))
    const signature = signWebhook(signatures.wooCommerce, {
      rawBody,
      secret: acmeShop.webhookSecret,
      now: operator.now(),
    })
    const headers = {
      ...signature,
      'x-wc-webhook-topic': payload,
      'x-wc-webhook-delivery-id': payload,
      'user-agent': payload,
    }
    await operator.webhooks.receive(acmeShop.id, { headers, body: rawBody })
    await operator.connections.disable(acmeShop.id, { reason: payload })
    const page = await world().open()
    const { pages } = await crawl(page.request, url)
    const showing = [...pages].filter(([, { html }]) => html.includes('data-xss'))
    const kinds = new Set(showing.map(([path]) => path.replace(/\?.*$/, '').replace(/[0-9a-f-]{36}/, ':id')))
    expect([...kinds].sort()).toEqual([
      '/admin',
      ...['activity', 'calls', 'connections', 'connections/:id', 'syncs', 'webhooks', 'webhooks/:id'].map(
        (path) => `/admin/${path}`,
      ),
    ])
    const { origin } = new URL(url)
    for (const [path] of showing) {
      await page.goto(origin + path)
      expect([path, await hasStruck(page)]).toEqual([path, false])
    }
  })

  test('the policy would stop a script that came through', async () => {
    const page = await world().open()
    await page.goto(world().url)
    const violated = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective))
          document.body.innerHTML = '<img src="x:" onerror="window.xss=1">'
        }),
    )
    expect(violated).toMatch(/^(img-src|script-src-attr)$/)
    expect(await page.evaluate(() => 'xss' in window)).toBe(false)
  })
})
