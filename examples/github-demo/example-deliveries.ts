import { createRequire } from 'node:module'
import { sign } from '@octokit/webhooks-methods'

const require = createRequire(import.meta.url)

/** A payload as GitHub sends it, with what goes into its headers. */
export interface ExampleDelivery {
  /** E.g. `issues`. */
  readonly event: string
  /** GitHub's id of the delivery: the same when it is delivered again. */
  readonly deliveryId: string
  readonly body: string
}

/** Every payload of `@octokit/webhooks-examples`, each with a delivery id of its own. */
export function exampleDeliveries(): readonly ExampleDelivery[] {
  // The package is JSON; these are the two members that matter here.
  const definitions = require('@octokit/webhooks-examples') as readonly {
    readonly name: string
    readonly examples: readonly object[]
  }[]
  return definitions.flatMap(({ name, examples }) =>
    examples.map((payload) => ({ event: name, deliveryId: crypto.randomUUID(), body: JSON.stringify(payload) })),
  )
}

/** The request that GitHub makes for a delivery, signed by GitHub's own library. */
export async function signedRequest(
  connectionId: string,
  { event, deliveryId, body }: ExampleDelivery,
  secret: string,
): Promise<Request> {
  return new Request(`https://application.example/webhooks/${connectionId}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/demo',
      'x-github-event': event,
      'x-github-delivery': deliveryId,
      'x-hub-signature-256': await sign(secret, body),
    },
    body,
  })
}
