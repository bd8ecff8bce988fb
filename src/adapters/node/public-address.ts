import ipaddr from 'ipaddr.js'

// Global unicast (RFC 4291, 2.4). Everything outside is special or not given out, whatever a library calls it.
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether an address belongs to the public internet: unicast, and none of loopback, private, link-local (which holds the
 * metadata services of clouds), carrier-grade NAT, unique local, multicast, documentation, or a tunnel that could lead there.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.kind() === 'ipv4') return parsed.range() === 'unicast'
  // parse answers one of the two kinds; this is the other one.
  const v6 = parsed as ipaddr.IPv6
  if (v6.isIPv4MappedAddress()) return v6.toIPv4Address().range() === 'unicast'
  return v6.range() === 'unicast' && v6.match(globalUnicast)
}
