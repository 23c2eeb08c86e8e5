import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Reaction } from './contract.ts'

/** A request as it arrived. */
export interface Arrival {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A real HTTP server on loopback that does as it is told. */
export interface HttpSide {
  readonly url: string
  readonly arrivals: Arrival[]
  reaction: Reaction
  close(): Promise<void>
}

const STATUS = { take: 200, unauthorized: 401, slow_down: 429, refuse: 400, fail: 503 } as const

/** @param answer what is said where a message is taken; an empty object by default */
export async function httpSide(answer: (arrival: Arrival) => unknown = () => ({})): Promise<HttpSide> {
  const side = { arrivals: [] as Arrival[], reaction: 'take' as Reaction }
  const server = createServer((request, response) => {
    read(request).then((body) => {
      const arrival = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
      side.arrivals.push(arrival)
      reply(response, side.reaction, () => answer(arrival))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(side, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

function reply(response: ServerResponse, reaction: Reaction, answer: () => unknown): void {
  if (reaction === 'hang') return
  const headers = { 'content-type': 'application/json', ...(reaction === 'slow_down' ? { 'retry-after': '7' } : {}) }
  response.writeHead(STATUS[reaction], headers)
  response.end(JSON.stringify(reaction === 'take' ? answer() : { error: 'no' }))
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
