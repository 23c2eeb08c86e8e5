import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startProxy, type TcpProxy } from './proxy.ts'

let server: Server
let proxy: TcpProxy

async function serve(text: string): Promise<Server> {
  const http = createServer((_, response) => void response.end(text))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return http
}

const portOf = (http: Server) => (http.address() as AddressInfo).port
const ask = async (withinMs = 2000) => (await fetch(proxy.url, { signal: AbortSignal.timeout(withinMs) })).text()

beforeEach(async () => {
  server = await serve('hello')
  proxy = await startProxy(portOf(server))
})
afterEach(async () => {
  await proxy.close()
  server.close()
  server.closeAllConnections()
})

it('passes bytes both ways', async () => {
  expect(await ask()).toBe('hello')
  expect(await ask()).toBe('hello')
})

it('holds answers back', async () => {
  proxy.setMode('delay', 200)
  const from = performance.now()

  expect(await ask()).toBe('hello')
  expect(performance.now() - from).toBeGreaterThanOrEqual(190)
})

it('resets connections, kept-alive ones too, and passes again', async () => {
  await ask()
  proxy.setMode('reset')

  await expect(ask()).rejects.toThrow('fetch failed')
  proxy.setMode('pass')
  expect(await ask()).toBe('hello')
})

it('swallows what connections carry, kept-alive ones too, and passes again', async () => {
  await ask()
  proxy.setMode('black_hole')

  await expect(ask(200)).rejects.toThrow(/timeout/)
  await expect(ask(200)).rejects.toThrow(/timeout/)
  proxy.setMode('pass')
  expect(await ask()).toBe('hello')
})

it('goes elsewhere', async () => {
  await ask()
  const other = await serve('other')
  proxy.setUpstream(portOf(other))

  expect(await ask()).toBe('other')
  other.close()
  other.closeAllConnections()
})
