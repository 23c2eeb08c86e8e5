import { BlockList, isIP } from 'node:net'

export interface ListenAddress {
  /** A host name or an address, IPv6 without brackets; `0.0.0.0` or `::` for all interfaces. */
  readonly host: string
  /** 0–65535; 0 lets the system choose. */
  readonly port: number
}

/**
 * Reads `HOST:PORT`; IPv6 in brackets (`[::1]:9797`); `:9797` listens on all interfaces, as in Prometheus.
 *
 * @returns undefined when the text is no such address
 */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]*)):(\d{1,5})$/.exec(text)
  if (match === null) return undefined
  const [, ipv6, name, digits] = match
  const port = Number(digits)
  if (port > 65_535 || (ipv6 !== undefined && isIP(ipv6) !== 6)) return undefined
  return { host: ipv6 ?? (name === '' ? '::' : name), port }
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether only this machine can reach the host. A name other than `localhost` may resolve to anything, so it is not. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true
  const family = isIP(host)
  return family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4')
}
