import type { CustomScheme } from '../../core/domain/signature-custom.ts'
import type { HmacScheme } from '../../core/domain/signature-hmac.ts'
import type { PublicKeyScheme } from '../../core/domain/signature-public-key.ts'
import type { StandardWebhooksScheme } from '../../core/domain/signature-standard-webhooks.ts'
import type { TokenScheme } from '../../core/domain/signature-token.ts'
import { verifyTwilio } from './verify-twilio.ts'

const sha256Hex = { kind: 'hmac', algorithm: 'sha256', encoding: 'hex' } as const
const sha256Base64 = { kind: 'hmac', algorithm: 'sha256', encoding: 'base64' } as const
const github: HmacScheme = { ...sha256Hex, header: 'x-hub-signature-256', prefix: 'sha256=' }

/**
 * How well-known services sign their webhooks, for `webhooks.signature` of a provider. All of them are plain data (Twilio's
 * excepted): a service that signs like one of them takes it, or a changed copy.
 *
 * @example
 * webhooks: { signature: signatures.stripe, deliveryId: { body: 'id' }, … }
 */
export const signatures = {
  /** Webhooks of repositories, organizations and apps: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
  github,
  /** Facebook, Instagram, WhatsApp; the secret is the app's: https://developers.facebook.com/docs/graph-api/webhooks/getting-started */
  meta: github,
  /** The secret token as it is, in a header: https://docs.gitlab.com/user/project/integrations/webhooks/ */
  gitlab: { kind: 'token', header: 'x-gitlab-token' } satisfies TokenScheme,
  /** `t=…,v1=…`, with several `v1` while a secret is rotated: https://docs.stripe.com/webhooks#verify-manually */
  stripe: {
    ...sha256Hex,
    header: 'stripe-signature',
    field: 'v1',
    signed: ['timestamp', { text: '.' }, 'body'],
    timestamp: { from: { field: 't' } },
  } satisfies HmacScheme,
  /** `ts=…;h1=…`, with several `h1` while a secret is rotated: https://developer.paddle.com/webhooks/signature-verification */
  paddle: {
    ...sha256Hex,
    header: 'paddle-signature',
    field: 'h1',
    fieldSeparator: ';',
    signed: ['timestamp', { text: ':' }, 'body'],
    timestamp: { from: { field: 'ts' } },
  } satisfies HmacScheme,
  /** The secret is the app's signing secret: https://api.slack.com/authentication/verifying-requests-from-slack */
  slack: {
    ...sha256Hex,
    header: 'x-slack-signature',
    prefix: 'v0=',
    signed: [{ text: 'v0:' }, 'timestamp', { text: ':' }, 'body'],
    timestamp: { from: { header: 'x-slack-request-timestamp' } },
  } satisfies HmacScheme,
  /** The secret is the app's client secret: https://shopify.dev/docs/apps/build/webhooks/subscribe/https */
  shopify: { ...sha256Base64, header: 'x-shopify-hmac-sha256' } satisfies HmacScheme,
  /** WordPress stores the secret with HTML entities and signs with it decoded: `WC_Webhook::generate_signature()`. */
  wooCommerce: { ...sha256Base64, header: 'x-wc-webhook-signature', secretForm: 'html' } satisfies HmacScheme,
  /** The secret is the app's: https://www.dropbox.com/developers/reference/webhooks */
  dropbox: { ...sha256Hex, header: 'x-dropbox-signature' } satisfies HmacScheme,
  /** Over the notification URL, exactly as subscribed, and the body: https://developer.squareup.com/docs/webhooks/step3validate */
  square: {
    ...sha256Base64,
    header: 'x-square-hmacsha256-signature',
    signed: ['url', 'body'],
  } satisfies HmacScheme,
  /** The instant stands in the body: https://linear.app/developers/webhooks */
  linear: {
    ...sha256Hex,
    header: 'linear-signature',
    timestamp: { from: { body: 'webhookTimestamp' }, unit: 'ms' },
  } satisfies HmacScheme,
  /** The secret is the application's public key: https://discord.com/developers/docs/interactions/overview */
  discord: {
    kind: 'public-key',
    algorithm: 'ed25519',
    keyForm: 'raw-hex',
    encoding: 'hex',
    header: 'x-signature-ed25519',
    signed: ['timestamp', 'body'],
    timestamp: { from: { header: 'x-signature-timestamp' } },
  } satisfies PublicKeyScheme,
  /** The secret is the verification key: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features */
  sendGrid: {
    kind: 'public-key',
    algorithm: 'ecdsa-p256',
    keyForm: 'spki-base64',
    encoding: 'base64',
    header: 'x-twilio-email-event-webhook-signature',
    signed: ['timestamp', 'body'],
    timestamp: { from: { header: 'x-twilio-email-event-webhook-timestamp' } },
  } satisfies PublicKeyScheme,
  /** Whoever follows https://www.standardwebhooks.com: `v1` with a `whsec_` secret, `v1a` with a `whpk_` public key. */
  standardWebhooks: { kind: 'standard-webhooks' } satisfies StandardWebhooksScheme,
  /** Whoever sends by Svix, e.g. Clerk and Resend: the same under its older header names, https://docs.svix.com/receiving/verifying-payloads/how-manual */
  svix: { kind: 'standard-webhooks', headerPrefix: 'svix' } satisfies StandardWebhooksScheme,
  /** Over the URL and the sorted form fields; the secret is the auth token: https://www.twilio.com/docs/usage/webhooks/webhooks-security */
  twilio: {
    kind: 'custom',
    /** Whether a delivery is genuine. */
    verify: verifyTwilio,
  } satisfies CustomScheme,
}
