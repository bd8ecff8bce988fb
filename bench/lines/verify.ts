import { createHmac, randomBytes } from 'node:crypto'
import { verify as octokitVerify } from '@octokit/webhooks-methods'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { type SignatureScheme, verifySignature } from '../../src/core/domain/signature.ts'
import { signatures } from '../../src/providers/kit/signatures.ts'
import { type Contestant, interleave } from '../support/interleave.ts'
import { report } from '../support/report.ts'
import { inAwaitedBatches, inBatches } from '../support/work.ts'

// A genuine delivery of 1.5 kB. Who takes a text gets it decoded beforehand.
const secret = `whsec_${randomBytes(24).toString('base64')}`
const body = Buffer.from(JSON.stringify({ id: 'evt_1', text: 'Lorem ipsum dolor sit amet, '.repeat(54) }))
const text = body.toString()
const hmac = (message: string, key: string | Buffer, encoding: 'hex' | 'base64') =>
  createHmac('sha256', key).update(message).digest(encoding)
const seconds = String(Math.floor(Date.now() / 1_000))

const own = (scheme: SignatureScheme, headers: Readonly<Record<string, string>>): Contestant => {
  const verify = () =>
    verifySignature(scheme, { rawBody: body, headers, url: null, secrets: [secret], now: new Date() })
  const outcome = verify()
  if (!outcome.isValid) throw new Error(outcome.reason)
  return { name: 'bapp-connectors', work: inBatches(200, verify) }
}

const { signature: stripe } = new Stripe('sk_test_bench').webhooks
if (stripe === null) throw new Error('This Stripe has no verifier.')
const stripeHeader = `t=${seconds},v1=${hmac(`${seconds}.${text}`, secret, 'hex')}`
const githubHeader = `sha256=${hmac(text, secret, 'hex')}`
const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
const standardHeaders = {
  'webhook-id': 'msg_1',
  'webhook-timestamp': seconds,
  'webhook-signature': `v1,${hmac(`msg_1.${seconds}.${text}`, key, 'base64')}`,
}
const standard = new Webhook(secret)
if (!(await octokitVerify(secret, text, githubHeader))) throw new Error('Octokit refuses the delivery.')

const pairs: Readonly<Record<string, readonly [Contestant, Contestant]>> = {
  stripe: [
    {
      name: 'stripe',
      work: inBatches(200, () => stripe.verifyHeader(body, stripeHeader, secret, 300)),
    },
    own(signatures.stripe, { 'stripe-signature': stripeHeader }),
  ],
  github: [
    { name: '@octokit/webhooks-methods', work: inAwaitedBatches(200, () => octokitVerify(secret, text, githubHeader)) },
    own(signatures.github, { 'x-hub-signature-256': githubHeader }),
  ],
  'standard-webhooks': [
    {
      name: 'standardwebhooks',
      work: inBatches(200, () => standard.verify(text, standardHeaders, { jsonParse: false })),
    },
    own({ kind: 'standard-webhooks' }, standardHeaders),
  ],
}
for (const [name, pair] of Object.entries(pairs)) {
  const compared = await interleave(pair, { rounds: 16, turnMs: 100 })
  const { ratio, spread } = compared.speed('bapp-connectors')
  report({
    name: `verify/${name}`,
    what: `signature verify, ${name}: throughput`,
    reference: pair[0].name,
    measured: ratio,
    unit: 'x',
    spread,
    target: { atLeast: 1 },
    contenders: compared.contenders,
  })
}
