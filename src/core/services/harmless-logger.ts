import type { Logger } from '../ports/logger.ts'

/** A logger whose own failures stay its own: work must not fail because it could not be told about. */
export function createHarmlessLogger(logger: Logger): Logger {
  const write =
    (level: keyof Logger): Logger['info'] =>
    (fields, message) => {
      try {
        logger[level](fields, message)
      } catch {
        // There is nowhere left to tell it.
      }
    }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
