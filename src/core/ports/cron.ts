/** Reads cron expressions. */
export interface Cron {
  /**
   * The first instant after `after` that an expression names in a time zone, or `null` if there is none.
   *
   * @throws {ConnectorsError} `INVALID_INPUT` for an expression or a time zone that isn't one.
   */
  readonly nextAfter: (cron: { readonly expression: string; readonly timeZone: string }, after: Date) => Date | null
}
