import type { Logger } from '../ports/logger.ts'

/** A logger whose own failures stay its own: work must not fail because it could not be told about. */
export function createHarmlessLogger(logger: Logger): Logger {
  const write =
    (level: keyof Logger): Logger['info'] =>
    (fields, message) => {
      // There is nowhere left to tell a failure.
      try {
        const written: unknown = logger[level](fields, message)
        // Some loggers are asynchronous, whatever the type says.
        if (written !== undefined) Promise.resolve(written).catch(() => {})
      } catch {}
    }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
