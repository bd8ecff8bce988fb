import ipaddr from 'ipaddr.js'

// Global unicast (RFC 4291, 2.4). Everything outside is special or not given out, whatever a library calls it.
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

// Within unicast, and yet no place of a service (IANA's special-purpose address registries).
const special = [
  '192.31.196.0/24', // AS112
  '192.52.193.0/24', // AMT
  '192.88.99.0/24', // relays of 6to4
  '192.175.48.0/24', // AS112
  '168.63.129.16/32', // the host of virtual machines at Azure, which hands out their secrets
  '2001::/23', // protocol assignments: Teredo, benchmarking, ORCHID …
  '2002::/16', // 6to4: leads to any IPv4 address
  '2620:4f:8000::/48', // AS112
  '3fff::/20', // documentation
].map((range) => ipaddr.parseCIDR(range))

/**
 * Whether an address belongs to the public internet: unicast, and none of loopback, private, link-local (which holds the
 * metadata services of clouds), carrier-grade NAT, unique local, multicast, documentation, or a tunnel that could lead there.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  // Looks through v4-mapped addresses.
  const parsed = ipaddr.process(address)
  if (parsed.range() !== 'unicast') return false
  if (special.some((range) => isWithin(parsed, range))) return false
  return parsed.kind() === 'ipv4' || isWithin(parsed, globalUnicast)
}

/** Whether an address lies in a range; never if they are of different kinds. */
export function isWithin(
  address: ipaddr.IPv4 | ipaddr.IPv6,
  range: readonly [ipaddr.IPv4 | ipaddr.IPv6, number],
): boolean {
  return address.kind() === range[0].kind() && address.match([range[0], range[1]] as [ipaddr.IPv4, number])
}
