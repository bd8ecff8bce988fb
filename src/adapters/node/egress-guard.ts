import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { ConnectorsError } from '../../core/domain/errors.ts'
import { parsePrivateNetwork, plain } from './private-network.ts'
import { isPublicAddress } from './public-address.ts'

/** Decides which addresses may be talked to. Base URLs come from tenants, so they are hostile. */
export interface EgressGuard {
  /**
   * Checks what can be seen before connecting: the scheme, the name, and the address if the host is an IP literal
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

// Names that only mean something inside of a network (RFC 6761, RFC 6762, RFC 8375, ICANN's .internal, Kubernetes).
const internalName = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|svc|home\.arpa)$/

/** Whether a name belongs to the inside of a network: by its end, or because it has no dot and is searched for there. */
function isInternalName(host: string): boolean {
  return !host.includes('.') || internalName.test(host) || host === 'metadata.goog'
}

/**
 * The guard. By default: https only, public addresses only, and a name counts as public only if all its addresses are.
 * `allowPrivateNetwork` turns it off, for services in one's own network and for tests; a list turns it off for the hosts,
 * addresses and ranges on it. http is for hosts that are on the list themselves.
 *
 * @throws {ConnectorsError} `INVALID_OPTIONS` for an entry of the list that is none.
 */
export function createEgressGuard(
  options: { readonly allowPrivateNetwork?: boolean | readonly string[]; readonly resolve?: Resolve } = {},
): EgressGuard {
  const { allowPrivateNetwork = false, resolve = systemLookup } = options
  const own = parsePrivateNetwork(allowPrivateNetwork)
  return {
    check(url) {
      if (url.protocol !== 'https:' && url.protocol !== 'http:') {
        throw refused(`${url.protocol}//${url.host}`, 'only https and http are spoken')
      }
      const host = plain(url.hostname.replace(/^\[(.*)\]$/, '$1'))
      if (own.isOpen || own.hasHost(host)) return
      if (url.protocol !== 'https:') throw refused(url.origin, 'only https is allowed')
      if (ipaddr.isValid(host)) {
        if (!isPublicAddress(host)) throw refused(url.origin, `${host} is not a public address`)
      } else if (isInternalName(host) && !own.hasAddresses) {
        throw refused(url.origin, `${host} is a name of internal networks`)
      }
    },
    lookup(hostname, { family, hints, all }, callback) {
      const host = plain(hostname)
      const isFine = (address: string) =>
        own.isOpen ||
        own.hasHost(host) ||
        own.hasAddress(address) ||
        (isPublicAddress(address) && !isInternalName(host))
      const narrowed = { ...(family !== undefined && { family }), ...(hints !== undefined && { hints }) }
      resolve(hostname, { ...narrowed, all: true }, (error, addresses) => {
        if (error !== null) return callback(error, [])
        const [first] = addresses
        if (first === undefined) return callback(new Error(`${hostname} has no address`), [])
        const forbidden = addresses.find(({ address }) => !isFine(address))
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
    `Refused to connect to ${where}: ${why}. If this service is one of your own, name its host in the option http.allowPrivateNetwork.`,
  )
}
