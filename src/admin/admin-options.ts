import { ConnectorsError } from '../core/domain/errors.ts'
import type { TenantId } from '../core/domain/tenant.ts'
import type { Authorize } from './operator.ts'

/** How the console is mounted. */
export interface AdminOptions<T extends TenantId = TenantId> {
  /** Says who may see what. There is no console without it. */
  readonly authorize: Authorize<T>
  /** Path under which requests arrive, e.g. `/admin`. Default: `/admin`. */
  readonly basePath?: string
  /**
   * Where browsers see the console, e.g. `https://ops.example.com`, if a proxy tells it otherwise. Default: what requests say.
   */
  readonly origin?: string
  /**
   * Whether workers (`connectors.work`) take jobs, here or elsewhere: syncs that operators start are then put into the queue,
   * and not run by the process that answers. Default: false.
   */
  readonly hasWorkers?: boolean
  /** What the console is called. Default: `Connectors`. */
  readonly title?: string
  /** Told what went wrong while a page was made; the operator sees only that something did. */
  readonly onError?: (error: unknown, request: Request) => void
}

/** The options with their defaults. */
export type ResolvedAdminOptions = Required<Omit<AdminOptions, 'origin'>> & { readonly origin: string | null }

const known: readonly string[] = [
  'authorize',
  'basePath',
  'origin',
  'hasWorkers',
  'title',
  'onError',
] satisfies (keyof AdminOptions)[]

/** Checks the options. @throws {ConnectorsError} `INVALID_OPTIONS`. */
export function resolveAdminOptions(options: AdminOptions): ResolvedAdminOptions {
  const {
    authorize,
    basePath = '/admin',
    origin = null,
    title = 'Connectors',
    hasWorkers = false,
    onError = () => {},
  } = options ?? {}
  const unknown = Object.keys(options ?? {}).find((name) => !known.includes(name))
  if (unknown !== undefined) throw invalid(`The console has no option ${JSON.stringify(unknown)}.`)
  if (typeof authorize !== 'function') {
    throw invalid(
      'authorize is missing: without it anybody could see and change the connections of all tenants. Give a function that ' +
        'answers { actor, tenants, level } for your operators, e.g. from your session, and null for everybody else.',
    )
  }
  if (typeof basePath !== 'string' || !/^(\/[\w.~-]+)*$/.test(basePath)) {
    throw invalid(
      `basePath must be a path such as "/admin", without a slash at its end, not ${JSON.stringify(basePath)}.`,
    )
  }
  if (origin !== null && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
    throw invalid(`origin must be an origin such as "https://ops.example.com", not ${JSON.stringify(origin)}.`)
  }
  if (typeof title !== 'string' || title === '') throw invalid('title must be a text.')
  if (typeof onError !== 'function') throw invalid('onError must be a function.')
  if (typeof hasWorkers !== 'boolean') throw invalid('hasWorkers must be a boolean.')
  return { authorize, basePath, origin, hasWorkers, title, onError }
}

function invalid(message: string): ConnectorsError {
  return new ConnectorsError('INVALID_OPTIONS', `createAdmin: ${message}`)
}
