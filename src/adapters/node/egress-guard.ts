import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { ConnectorsError } from '../../core/domain/errors.ts'
import { isPublicAddress } from './public-address.ts'

/** Decides which addresses may be talked to. Base URLs come from tenants, so they are hostile. */
export interface EgressGuard {
  /**
   * Checks what can be seen before connecting: the scheme, and the address if the host is an IP literal
   * (no lookup happens for those).
   *
   * @throws {ConnectorsError} `EGRESS_REFUSED`
   */
  check(url: URL): void
  /** To be used by the sockets, so that the addresses that were checked are those that are connected to. */
  readonly lookup: LookupFunction
}

/** Resolves a name to all of its addresses. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * The guard. By default: https only, public addresses only, and a name counts as public only if all its addresses are.
 * `allowPrivateNetwork` turns it off, for services in one's own network and for tests.
 */
export function createEgressGuard(
  options: { readonly allowPrivateNetwork?: boolean; readonly resolve?: Resolve } = {},
): EgressGuard {
  const { allowPrivateNetwork = false, resolve = systemLookup } = options
  return {
    check(url) {
      if (url.protocol !== 'https:' && url.protocol !== 'http:') {
        throw refused(`${url.protocol}//${url.host}`, 'only https and http are spoken')
      }
      if (allowPrivateNetwork) return
      if (url.protocol !== 'https:') throw refused(url.origin, 'only https is allowed')
      const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
      if (ipaddr.isValid(host) && !isPublicAddress(host)) throw refused(url.origin, `${host} is not a public address`)
    },
    lookup(hostname, { family, hints, all }, callback) {
      const narrowed = { ...(family !== undefined && { family }), ...(hints !== undefined && { hints }) }
      resolve(hostname, { ...narrowed, all: true }, (error, addresses) => {
        if (error !== null) return callback(error, [])
        const [first] = addresses
        if (first === undefined) return callback(new Error(`${hostname} has no address`), [])
        const forbidden = allowPrivateNetwork ? undefined : addresses.find(({ address }) => !isPublicAddress(address))
        if (forbidden !== undefined) {
          return callback(refused(hostname, `it resolves to ${forbidden.address}, which is not a public address`), [])
        }
        if (all === true) callback(null, addresses)
        else callback(null, first.address, first.family)
      })
    },
  }
}

function refused(where: string, why: string): ConnectorsError<'EGRESS_REFUSED'> {
  return new ConnectorsError(
    'EGRESS_REFUSED',
    `Refused to connect to ${where}: ${why}. If this service is one of your own, set the option http.allowPrivateNetwork.`,
  )
}
