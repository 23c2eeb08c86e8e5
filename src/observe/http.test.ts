import * as http from 'node:http'
import * as https from 'node:https'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { recording } from '../../test/fixtures/observe/recorded-fs.ts'
import { ObserveError } from './error.ts'
import { createHttpClient, type HttpClient, type HttpClientOptions, type HttpRequest } from './http.ts'

const never = new AbortController().signal
const cleanup: (() => void)[] = []

afterEach(() => {
  for (const undo of cleanup.splice(0)) undo()
})

async function serve(answer: http.RequestListener, tls?: https.ServerOptions): Promise<URL> {
  const server = tls ? https.createServer(tls, answer) : http.createServer(answer)
  cleanup.push(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/api`)
}

function client(options: Partial<HttpClientOptions> = {}): HttpClient {
  const made = createHttpClient({
    peer: 'Prometheus',
    option: 'source.prometheus',
    maxBytes: 10_000,
    maxSockets: 4,
    ...options,
  })
  cleanup.push(() => made.close())
  return made
}

const asking = (url: URL): HttpRequest => ({ url, accept: 'application/json', timeoutMs: 5_000 })

async function failure(work: Promise<unknown>): Promise<ObserveError> {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(ObserveError)
  return error
}

describe('an exchange', () => {
  it('sends a GET with its headers and decodes gzip', async () => {
    const seen = vi.fn()
    const url = await serve((request, response) => {
      seen(request.method, request.headers.accept, request.headers['x-scope-orgid'])
      response.setHeader('content-encoding', 'gzip').setHeader('content-type', 'application/json')
      response.end(gzipSync('{"ä":1}'))
    })

    const answer = await client({ headers: { 'X-Scope-OrgID': 'team' } }).get(asking(url), never)

    expect(answer).toEqual({ status: 200, contentType: 'application/json', body: '{"ä":1}' })
    expect(seen).toHaveBeenCalledWith('GET', 'application/json', 'team')
  })

  it('shows a good answer to whoever may take it, and makes no text of what was taken', async () => {
    const long = 'ä'.repeat(40_000)
    const url = await serve((request, response) => {
      response.statusCode = request.method === 'POST' ? 422 : 200
      response.setHeader('content-encoding', 'gzip').end(gzipSync(long))
    })
    const http = client({ maxBytes: 100_000 })
    const seen: string[] = []
    const taking = (taken: boolean): HttpRequest => ({
      ...asking(url),
      take: (body) => {
        seen.push(body.toString())
        return taken
      },
    })

    expect(await http.get(taking(true), never)).toMatchObject({ body: '', taken: true })
    expect(await http.get(taking(false), never)).toEqual({ status: 200, contentType: '', body: long })
    expect(await http.get({ ...taking(true), form: new URLSearchParams() }, never)).toMatchObject({ body: long })
    expect(seen).toEqual([long, long])
  })

  it('decodes gzip whose length is told wrongly, of several parts, and of nothing', async () => {
    const parts = ['a'.repeat(200_000), 'b']
    const bodies = [Buffer.concat(parts.map((part) => gzipSync(part))), gzipSync(''), Buffer.alloc(0)]
    const url = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip').end(bodies.shift())
    })
    const http = client({ maxBytes: 300_000 })

    for (const expected of [parts.join(''), '', '']) {
      expect((await http.get(asking(url), never)).body).toBe(expected)
    }
  })

  it('posts a form', async () => {
    const url = await serve(async (request, response) => {
      const body = (await request.toArray()).join('')
      response.end(`${request.method} ${request.headers['content-type']} ${body}`)
    })

    const answer = await client().get({ ...asking(url), form: new URLSearchParams({ query: 'a + b' }) }, never)

    expect(answer.body).toBe('POST application/x-www-form-urlencoded query=a+%2B+b')
  })

  it('uses one connection again, and a new one when the server has closed it', async () => {
    const ports = new Set<number | undefined>()
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.end()
    })
    const { get } = client({ maxSockets: 1 })

    for (let i = 0; i < 3; i++) await get(asking(url), never)

    expect(ports.size).toBe(1)
  })

  it('hands on answers of failure, whose body may say why', async () => {
    const url = await serve((_, response) => response.writeHead(422).end('why'))

    expect(await client().get(asking(url), never)).toMatchObject({ status: 422, body: 'why' })
  })
})

describe('credentials', () => {
  const echo: http.RequestListener = (request, response) => response.end(request.headers.authorization)

  it('are sent as basic auth or as a bearer token, asked for each time', async () => {
    const url = await serve(echo)
    const bearer = vi.fn().mockResolvedValueOnce('one\n').mockResolvedValueOnce('two\n')
    const basic = client({ credentials: { username: 'me', password: 'pä:ss' } })
    const token = client({ credentials: { bearer } })

    expect((await basic.get(asking(url), never)).body).toBe(`Basic ${Buffer.from('me:pä:ss').toString('base64')}`)
    expect((await token.get(asking(url), never)).body).toBe('Bearer one')
    expect((await token.get(asking(url), never)).body).toBe('Bearer two')
  })

  it('may stand in the URL', async () => {
    const url = await serve(echo)
    url.username = 'me'
    url.password = 'p%40ss'

    expect((await client().get(asking(url), never)).body).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
  })

  it('that are refused name the option to set', async () => {
    const url = await serve((_, response) => response.writeHead(401).end())

    const error = await failure(client().get(asking(url), never))

    expect(error.reason).toBe('auth')
    expect(error.message).toMatch(/basic_auth or authorization under source\.prometheus/)
  })

  it('that cannot be read are told as such', async () => {
    const bearer = () => Promise.reject(new Error('ENOENT: /run/token'))

    const error = await failure(client({ credentials: { bearer } }).get(asking(await serve(echo)), never))

    expect(error).toMatchObject({ reason: 'auth', message: expect.stringContaining('ENOENT: /run/token') })
  })

  it('never reach a message', async () => {
    const answers: http.RequestListener[] = [
      (_, response) => response.writeHead(403).end(),
      (_, response) => response.writeHead(302, { location: 'http://u:hunter2@other/?t=hunter2' }).end(),
      (_, response) => response.end('x'.repeat(20_000)),
      (request) => request.socket.destroy(),
    ]
    for (const answer of answers) {
      const url = await serve(answer)
      url.username = 'me'
      url.password = 'hunter2'
      url.search = '?token=hunter2'

      const error = await failure(client({ credentials: { bearer: async () => 'hunter2' } }).get(asking(url), never))

      expect(`${error.message} ${error.cause}`).not.toContain('hunter2')
    }
  })
})

describe('TLS', () => {
  const ca = recording('tls/server.pem')
  const server = { key: recording('tls/server-key.pem'), cert: ca }
  const hello: http.RequestListener = (_, response) => response.end('hello')

  it('wants a certificate that it can trust, and says which option gives one', async () => {
    const error = await failure(client().get(asking(await serve(hello, server)), never))

    expect(error.reason).toBe('unreachable')
    expect(error.message).toMatch(/not trusted .*set ca_file under source\.prometheus\.tls$/)
  })

  it('wants it to be for the right name', async () => {
    const url = await serve(hello, server)

    const error = await failure(client({ tls: { ca } }).get(asking(url), never))
    expect(error.message).toMatch(/for another name: set server_name under source\.prometheus\.tls$/)
    expect((await client({ tls: { ca, serverName: 'prometheus.test' } }).get(asking(url), never)).body).toBe('hello')
  })

  it('checks nothing when told so', async () => {
    const url = await serve(hello, server)

    expect((await client({ tls: { insecureSkipVerify: true } }).get(asking(url), never)).body).toBe('hello')
  })

  it('shows its own certificate to a server that wants one', async () => {
    const trusted = recording('tls/client.pem')
    const url = await serve(hello, { ...server, ca: trusted, requestCert: true, rejectUnauthorized: true })
    const own = { cert: trusted, key: recording('tls/client-key.pem') }
    const tls = { ca, serverName: 'prometheus.test' }

    expect((await client({ tls: { ...tls, ...own } }).get(asking(url), never)).body).toBe('hello')
    expect((await failure(client({ tls }).get(asking(url), never))).reason).toBe('unreachable')
  })
})

describe('a failure', () => {
  it('tells a refused connection', async () => {
    const url = await serve(() => {})
    for (const undo of cleanup.splice(0)) undo()

    const error = await failure(client().get(asking(url), never))

    expect(error.reason).toBe('unreachable')
    expect(error.message).toMatch(/connection refused: is it running, and is source\.prometheus right\?/)
  })

  it('ends a server that does not answer, or not to the end', async () => {
    const silent = await serve(() => {})
    const slow = await serve((_, response) => void response.write('x'))

    for (const url of [silent, slow]) {
      const error = await failure(client().get({ ...asking(url), timeoutMs: 50 }, never))
      expect(error).toMatchObject({ reason: 'timeout', message: expect.stringContaining('within 0.05 s') })
    }
  })

  it('tells a connection that breaks off', async () => {
    const plain = await serve((request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('x', () => request.socket.destroy())
    })
    const zipped = await serve((request, response) => {
      const half = gzipSync('x'.repeat(1000)).subarray(0, 15)
      response.writeHead(200, { 'content-encoding': 'gzip' }).write(half, () => request.socket.destroy())
    })

    for (const url of [plain, zipped])
      expect((await failure(client().get(asking(url), never))).reason).toBe('unreachable')
  })

  it('tells a cut gzip stream', async () => {
    const url = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync('x'.repeat(1000)).subarray(0, 15))
    })

    expect((await failure(client().get(asking(url), never))).reason).toBe('unreachable')
  })

  it('stops at the size limit, whatever the answer weighs on the wire', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    const url = await serve((_, response) => response.setHeader('content-encoding', 'gzip').end(bomb))

    expect((await failure(client().get(asking(url), never))).reason).toBe('too_large')
  })

  it('does not follow a redirect, and says where it leads', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/login?next=x' }).end())

    const error = await failure(client().get(asking(url), never))

    expect(error.reason).toBe('bad_response')
    expect(error.message).toMatch(/redirects to http:\/\/127\.0\.0\.1:\d+\/login, which is not followed/)
  })

  it('passes the reason on when the caller stops it', async () => {
    const url = await serve(() => {})
    const stop = new AbortController()
    const asked = client().get(asking(url), stop.signal)
    stop.abort(new Error('shutting down'))

    await expect(asked).rejects.toThrow('shutting down')
  })
})
