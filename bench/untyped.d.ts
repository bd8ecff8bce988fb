/** Packages that bring no types, as far as they are used here. */

declare module 'fernet' {
  const fernet: {
    readonly Secret: new (base64: string) => object
    readonly Token: new (options: {
      secret: object
      token?: string
      ttl?: number
    }) => {
      encode: (message: string) => string
      decode: () => string
    }
  }
  // biome-ignore lint/style/noDefaultExport: it is theirs
  export default fernet
}

declare module 'opossum' {
  // biome-ignore lint/style/noDefaultExport: it is theirs
  export default class CircuitBreaker<Args extends readonly unknown[], R> {
    constructor(
      action: (...args: Args) => Promise<R>,
      options: { timeout?: number | false; errorThresholdPercentage?: number; resetTimeout?: number },
    )
    fire(...args: Args): Promise<R>
    shutdown(): void
  }
}
