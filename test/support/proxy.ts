import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * - `pass`: forwards
 * - `delay`: forwards what the upstream answers later by `delayMs`
 * - `reset`: answers every connection, open ones too, by a TCP reset
 * - `black_hole`: accepts and then says nothing, and swallows what open connections carry
 */
export type ProxyMode = 'pass' | 'delay' | 'reset' | 'black_hole'

export interface TcpProxy {
  readonly port: number
  readonly url: string
  /** Connections accepted so far. */
  readonly accepted: number
  setMode(mode: ProxyMode, delayMs?: number): void
  /** Sends connections elsewhere from now on and cuts the open ones. */
  setUpstream(port: number): void
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly upstream: Socket
  /** Bytes were swallowed: the connection cannot be used again. */
  spoilt: boolean
}

/** A proxy on loopback that can fail the way a network fails. */
export async function startProxy(upstreamPort: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>()
  let mode: ProxyMode = 'pass'
  let delay = 0
  let target = upstreamPort
  let accepted = 0

  function cut(pair: Pair): void {
    pair.client.resetAndDestroy()
    pair.upstream.destroy()
    pairs.delete(pair)
  }

  function forward(pair: Pair, chunk: Buffer, to: Socket, lateBy: number): void {
    if (mode === 'black_hole') pair.spoilt = true
    else if (lateBy > 0) setTimeout(() => to.write(chunk), lateBy)
    else to.write(chunk)
  }

  const server = createServer((client) => {
    accepted++
    client.on('error', () => client.destroy())
    if (mode === 'reset') return client.resetAndDestroy()
    const upstream = connect(target, '127.0.0.1')
    const pair = { client, upstream, spoilt: false }
    pairs.add(pair)
    client.on('data', (chunk) => forward(pair, chunk, upstream, 0))
    upstream.on('data', (chunk) => forward(pair, chunk, client, mode === 'delay' ? delay : 0))
    upstream.on('error', () => cut(pair))
    client.on('close', () => cut(pair))
    // An orderly end of the upstream must not overtake delayed bytes.
    upstream.on('end', () => setTimeout(() => client.end(), mode === 'delay' ? delay : 0))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get accepted() {
      return accepted
    },
    setMode(next, delayMs = 0) {
      mode = next
      delay = delayMs
      for (const pair of pairs) if (next === 'reset' || (next !== 'black_hole' && pair.spoilt)) cut(pair)
    },
    setUpstream(next) {
      target = next
      for (const pair of pairs) cut(pair)
    },
    async close() {
      for (const pair of pairs) cut(pair)
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
