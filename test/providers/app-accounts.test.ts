import { expect, test } from 'vitest'
import { github } from '../../src/providers/github/github.ts'
import { stripe } from '../../src/providers/stripe/stripe.ts'

const ofGitHub = (body: string) => github.webhooks?.accounts?.({ headers: {}, rawBody: Buffer.from(body) })
const ofStripe = (body: string) => stripe.webhooks?.accounts?.({ headers: {}, rawBody: Buffer.from(body) })

test('a delivery of GitHub is about the installation and the owners, and never about who caused it', () => {
  const body = {
    installation: { id: 7 },
    organization: { id: 8, login: 'acme' },
    repository: { id: 1, full_name: 'acme/x', owner: { id: 8 } },
    sender: { id: 7, login: 'anybody' },
  }
  expect(new Set(ofGitHub(JSON.stringify(body)))).toEqual(new Set(['installation:7', '8']))
  expect(ofGitHub(JSON.stringify({ installation: { id: 7, account: { id: 9 } } }))).toEqual(['installation:7', '9'])
  expect(ofGitHub(JSON.stringify({ sender: { id: 7 } }))).toEqual([])
  for (const body of ['', 'payload=%7B%7D', 'null', '[]', '{"installation":{"id":"7"}}'])
    expect(ofGitHub(body)).toEqual([])
})

test('an event of Stripe Connect is about the connected account, one of the own account about none', () => {
  expect(ofStripe('{"account":"acct_1"}')).toEqual(['acct_1'])
  for (const body of ['{}', '', '[]', '{"account":{"id":"acct_1"}}']) expect(ofStripe(body)).toEqual([])
})
