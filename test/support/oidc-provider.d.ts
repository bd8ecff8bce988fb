// The package has no types; these are what the tests use of it.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface Grant {
    readonly addOIDCScope: (scope: string) => void
    readonly save: () => Promise<string>
  }

  class Provider {
    constructor(issuer: string, configuration: object)
    readonly Grant: new (fields: {
      readonly accountId: string
      readonly clientId: string
    }) => Grant
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{
      readonly prompt: { readonly name: string }
      readonly params: { readonly client_id: string; readonly scope: string }
      readonly session?: { readonly accountId: string }
    }>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
      options: { readonly mergeWithLastSubmission: boolean },
    ): Promise<void>
    on(event: string, listener: (...args: never[]) => void): void
  }

  // biome-ignore lint/style/noDefaultExport: it has one
  export { Provider as default }
}
