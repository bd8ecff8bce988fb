import type { DestinationStream } from 'pino'
import type { Logger } from '../../core/ports/logger.ts'

/** How the default logger writes. */
export interface PinoLoggerOptions {
  /** Least level to write: `trace` … `fatal` or `silent`; default: the environment variable `LOG_LEVEL`, else `info`. */
  readonly level?: string
  /** Where lines go; default: standard output. */
  readonly destination?: DestinationStream
}

const levels: ReadonlySet<string> = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])

// What is logged while pino loads (some 40 ms) is kept; a flood in that time is cut, not hoarded.
const mostBufferedLines = 1_000

/**
 * A logger on pino, which is loaded when the first line is written: whoever brings a logger never pays for it.
 * Lines written meanwhile are kept, in order. Never throws; an unknown level means `info`.
 */
export function createPinoLogger(options: PinoLoggerOptions = {}): Logger {
  const wanted = (options.level ?? process.env.LOG_LEVEL ?? 'info').toLowerCase()
  const level = levels.has(wanted) ? wanted : 'info'
  let target: Logger | null = null
  let buffered: ((logger: Logger) => void)[] | null = null

  function write(line: (logger: Logger) => void): void {
    if (target !== null) {
      line(target)
    } else if (buffered === null) {
      buffered = [line]
      void load()
    } else if (buffered.length < mostBufferedLines) {
      buffered.push(line)
    }
  }

  async function load(): Promise<void> {
    try {
      const { pino } = await import('pino')
      const settings = { name: 'bapp-connectors', level }
      const loaded = options.destination === undefined ? pino(settings) : pino(settings, options.destination)
      target = {
        debug: (fields, message) => loaded.debug(fields, message),
        info: (fields, message) => loaded.info(fields, message),
        warn: (fields, message) => loaded.warn(fields, message),
        error: (fields, message) => loaded.error(fields, message),
      }
      for (const line of buffered ?? []) line(target)
    } catch (error) {
      // Lines are lost, but nobody's work depends on them.
      process.emitWarning(`bapp-connectors can't log: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      buffered = null
      target ??= { debug() {}, info() {}, warn() {}, error() {} }
    }
  }

  if (level === 'silent') return { debug() {}, info() {}, warn() {}, error() {} }
  return {
    debug: (fields, message) => write((logger) => logger.debug(fields, message)),
    info: (fields, message) => write((logger) => logger.info(fields, message)),
    warn: (fields, message) => write((logger) => logger.warn(fields, message)),
    error: (fields, message) => write((logger) => logger.error(fields, message)),
  }
}
