import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Exchange, NoAnswer, type Origin, send } from './transport.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function listening(server: Server | TcpServer, path?: string): Promise<Origin> {
  server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path })
  await once(server, 'listening')
  closing.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  if (path !== undefined) return { socketPath: path }
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) }
}

const serving = (listener: RequestListener) => listening(createServer(listener))

const exchange = (origin: Origin, changes: Partial<Exchange> = {}): Exchange => ({
  origin,
  method: 'POST',
  path: '/x',
  maxBytes: 1024,
  ...changes,
})

const never = new AbortController().signal

async function noAnswer(promise: Promise<unknown>): Promise<NoAnswer> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(NoAnswer)
  return error as NoAnswer
}

describe('one request', () => {
  it('carries method, path, headers and body, over the network or a unix socket', async () => {
    const seen: unknown[] = []
    const listener: RequestListener = (request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        seen.push([request.method, request.url, request.headers['x-a'], body])
        response.end('{"ok":true}')
      })
    }
    const directory = mkdtempSync(join(tmpdir(), 'homeostat-socket-'))
    closing.push(() => rmSync(directory, { recursive: true, force: true }))
    const origins = [await serving(listener), await listening(createServer(listener), join(directory, 's'))]

    const answers = []
    for (const origin of origins) {
      answers.push(await send(exchange(origin, { headers: { 'x-a': '1' }, body: 'é' }), never))
    }

    expect(seen).toEqual([
      ['POST', '/x', '1', 'é'],
      ['POST', '/x', '1', 'é'],
    ])
    expect(answers[0]).toEqual({ status: 200, body: '{"ok":true}', partial: false })
    expect(answers[1]).toEqual(answers[0])
  })

  it('follows no redirect', async () => {
    let hits = 0
    const elsewhere = await serving((_, response) => {
      hits += 1
      response.end()
    })
    const location = 'url' in elsewhere ? elsewhere.url.href : ''
    const origin = await serving((_, response) => response.writeHead(302, { location }).end())

    const answer = await send(exchange(origin), never)

    expect(answer.status).toBe(302)
    expect(hits).toBe(0)
  })

  it('reads no more of an answer than it may', async () => {
    const origin = await serving((_, response) => response.end('x'.repeat(100_000)))

    const answer = await send(exchange(origin, { maxBytes: 1024 }), never)

    expect(answer).toMatchObject({ status: 200, partial: true })
    expect(answer.body.length).toBeLessThan(100_000)
  })

  it('counts by its status though the connection breaks off behind it', async () => {
    const origin = await serving((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    })

    expect(await send(exchange(origin), never)).toEqual({ status: 200, body: 'half', partial: true })
  })
})

describe('a request without an answer', () => {
  it('was not sent when nobody listens', async () => {
    const origin = await listening(createTcpServer())
    closing.pop()?.()

    const error = await noAnswer(send(exchange(origin), never))

    expect(error).toMatchObject({ sent: false, code: 'ECONNREFUSED' })
  })

  it('was not sent when there is no such socket', async () => {
    const error = await noAnswer(send(exchange({ socketPath: '/no/such.sock' }), never))

    expect(error).toMatchObject({ sent: false, code: 'ENOENT' })
  })

  it('may have arrived when the connection is cut', async () => {
    const origin = await serving((request) => request.socket.destroy())

    expect(await noAnswer(send(exchange(origin), never))).toMatchObject({ sent: true })
  })

  it('may have arrived when it is stopped while the server is at it', async () => {
    const stop = new AbortController()
    const origin = await serving(() => stop.abort())

    expect(await noAnswer(send(exchange(origin), stop.signal))).toMatchObject({ sent: true, code: 'ABORTED' })
  })

  it('was not sent when it is stopped before', async () => {
    let hits = 0
    const origin = await serving(() => {
      hits += 1
    })

    expect(await noAnswer(send(exchange(origin), AbortSignal.abort()))).toMatchObject({ sent: false })
    expect(hits).toBe(0)
  })
})
