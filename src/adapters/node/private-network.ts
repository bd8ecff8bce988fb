import ipaddr from 'ipaddr.js'
import { isWithin } from './public-address.ts'

/** What may be talked to although it is no public service. */
export interface PrivateNetwork {
  /** Whether all of it may. */
  readonly isOpen: boolean
  /** Whether addresses are on the list, so that a name may lead to one. */
  readonly hasAddresses: boolean
  /** Whether a host, as it stands in an URL without brackets, is on the list itself. */
  readonly hasHost: (host: string) => boolean
  /** Whether an address is on the list, or in a range on it. */
  readonly hasAddress: (address: string) => boolean
}

/** Reads the option `http.allowPrivateNetwork`, whose entries are checked already: what is no address and no range is a name. */
export function parsePrivateNetwork(option: boolean | readonly string[]): PrivateNetwork {
  const names = new Set<string>()
  const ranges: (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[] = []
  for (const entry of typeof option === 'boolean' ? [] : option) {
    const text = plain(entry)
    if (ipaddr.isValidCIDR(text)) ranges.push(ipaddr.parseCIDR(text))
    else if (ipaddr.IPv6.isValid(text) || ipaddr.IPv4.isValidFourPartDecimal(text)) {
      const address = ipaddr.process(text)
      ranges.push([address, address.kind() === 'ipv4' ? 32 : 128])
    } else names.add(text)
  }
  const hasAddress = (text: string) =>
    ipaddr.isValid(text) && ranges.some((range) => isWithin(ipaddr.process(text), range))
  return {
    isOpen: option === true,
    hasAddresses: ranges.length > 0,
    hasHost: (host) => names.has(plain(host)) || hasAddress(host),
    hasAddress,
  }
}

/** A hostname in lower case, without the dots that may end it. */
export function plain(host: string): string {
  return host.toLowerCase().replace(/\.+$/, '')
}
