import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { EffectError } from '../../pipeline/effects.ts'

export interface Address {
  readonly address: string
  readonly family: 4 | 6
}

/** All addresses of a host name. @throws the resolver's error */
export type Resolve = (hostName: string) => Promise<readonly Address[]>

export const resolveHost: Resolve = async (hostName) => {
  const found = await lookup(hostName, { all: true })
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
}

/**
 * IANA's special-purpose registries: nothing here is a server of the public Internet. IPv4 addresses in IPv6 notation
 * (`::ffff:10.0.0.1`) are judged as what they are; the last networks carry an IPv4 address in another way.
 */
const SPECIAL = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
  ...['::/128', '::1/128', '100::/64', '2001:db8::/32', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
  ...['64:ff9b::/96', '64:ff9b:1::/48', '2001::/23', '2002::/16'],
]

const special = blockListOf(SPECIAL)

/**
 * A list of addresses from `10.0.0.5`, `10.0.0.0/8`, `fd00::/8`.
 *
 * @throws {RangeError} naming the entry that is none
 */
export function blockListOf(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address, prefix, ...rest] = entry.split('/')
    const family = isIP(address)
    const bits = prefix === undefined ? (family === 4 ? 32 : 128) : /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN
    if (family === 0 || rest.length > 0 || !(bits >= 0 && bits <= (family === 4 ? 32 : 128))) {
      throw new RangeError(`not an address or a network: ${JSON.stringify(entry)}`)
    }
    list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

/**
 * The one address that a request goes to. The name is resolved once and the connection made to what was judged, so
 * that a second answer of the name server changes nothing.
 *
 * @throws {EffectError} `invalid` when any address of the name is special and not allowed; `unavailable` when there is none
 */
export async function pinAddress(url: URL, allowed: BlockList, resolve: Resolve): Promise<Address> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const literal = isIP(host)
  const addresses =
    literal === 0 ? await resolved(host, resolve) : [{ address: host, family: literal === 4 ? 4 : 6 } as const]
  const bad = addresses.find((address) => !mayReach(address, allowed))
  if (bad !== undefined) {
    const message = `the host ${host} is ${bad.address}, which is not a public address: list it in actions.http.allow_addresses if it is meant`
    throw new EffectError('invalid', 'no', message)
  }
  return addresses[0]
}

async function resolved(host: string, resolve: Resolve): Promise<readonly Address[]> {
  const failed = (why: string) =>
    new EffectError('unavailable', 'no', `the host name ${host} cannot be resolved: ${why}`)
  let addresses: readonly Address[]
  try {
    addresses = await resolve(host)
  } catch (error) {
    throw failed((error as NodeJS.ErrnoException).code ?? 'unknown error')
  }
  if (addresses.length === 0) throw failed('it has no address')
  return addresses
}

function mayReach({ address, family }: Address, allowed: BlockList): boolean {
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  return allowed.check(address, kind) || !special.check(address, kind)
}
