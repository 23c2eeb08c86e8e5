import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { assertDeleteOptions, assertObject, assertPatch } from './kubernetes-schema.ts'

interface Recorded {
  readonly name: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly contentType?: string
    readonly body?: unknown
  }
  readonly response: { readonly status: number; readonly contentType: string; readonly body: unknown }
}

const RECORDED: readonly Recorded[] = JSON.parse(
  readFileSync(new URL('../fixtures/kubernetes/transcripts-v1.20.2.json', import.meta.url), 'utf8'),
)

/** The exchange of that name out of test/fixtures/kubernetes. */
export function recorded(name: string): Recorded {
  const exchange = RECORDED.find((one) => one.name === name)
  if (exchange === undefined) throw new Error(`nothing is recorded under the name ${name}`)
  return exchange
}

export interface SeenRequest {
  readonly method: string
  /** Without `fieldManager`, which says who asks and changes nothing. */
  readonly path: string
  readonly contentType: string | undefined
  readonly body: unknown
  readonly authorization: string | undefined
}

/** An answer that is played: one that was recorded, or, for what was not, one made by hand. */
export type Played = string | { readonly status: number; readonly body: unknown }

export interface KubernetesApi {
  readonly url: string
  readonly seen: SeenRequest[]
  /** The answers to the next requests, in order. @throws {Error} where one made by hand is none that an API server gives */
  play(...answers: Played[]): void
  close(): Promise<void>
}

/**
 * An API server that plays what a real one answered. Method and, where the request was recorded, its content type must
 * be the recorded ones, and what is asked for must fit the schema of the Kubernetes API: an answer to another question
 * proves nothing (it gets 599).
 */
export async function startKubernetesApi(): Promise<KubernetesApi> {
  const seen: SeenRequest[] = []
  const queue: Played[] = []
  let shown: unknown
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => {
      text += chunk
    })
    request.on('end', () => {
      const path = (request.url ?? '').replace(/[?&]fieldManager=\w+$/, '')
      const { method = '', headers } = request
      const body = text === '' ? undefined : JSON.parse(text)
      seen.push({ method, path, body, contentType: headers['content-type'], authorization: headers.authorization })
      const played = misshapen(method, shown, body) ?? answerTo(queue.shift(), method, headers['content-type'])
      const { status, body: answer } = played
      if (method === 'GET') shown = answer
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    play(...answers) {
      for (const one of answers) if (typeof one !== 'string' && one.status < 300) assertObject(one.body)
      queue.push(...answers)
    },
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}

function misshapen(method: string, shown: unknown, body: unknown) {
  try {
    if (method === 'PATCH') assertPatch(shown, body)
    if (method === 'DELETE') assertDeleteOptions(body)
    return undefined
  } catch (error) {
    return { status: 599, body: { message: `no API server takes this: ${(error as Error).message}` } }
  }
}

function answerTo(played: Played | undefined, method: string, contentType: string | undefined) {
  if (played === undefined) return { status: 599, body: { message: 'nothing is left to be played' } }
  if (typeof played !== 'string') return played
  const { request, response } = recorded(played)
  const other = request.method !== method || (request.contentType ?? contentType) !== contentType
  return other ? { status: 599, body: { message: `${played} was recorded for another request` } } : response
}
