/** Where the library writes its log lines; a pino logger fits. */
export interface Logger {
  /** What only somebody who searches wants to see. */
  readonly debug: (fields: object, message: string) => void
  /** What happened, and is as it should be. */
  readonly info: (fields: object, message: string) => void
  /** What somebody may have to look at. */
  readonly warn: (fields: object, message: string) => void
  /** What went wrong in the library or in a listener. */
  readonly error: (fields: object, message: string) => void
}
