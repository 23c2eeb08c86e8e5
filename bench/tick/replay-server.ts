/**
 * A Prometheus that only replays: every answer to the queries of a tick is made, and compressed, before the first
 * request, so that serving costs next to nothing. Ranges, of which there are too many, are made when asked for.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { type MadeUpFeature, madeUpValue } from '../synthetic.ts'
import { answerRequests } from './child.ts'

export interface ReplayPlan {
  readonly hosts: number
  readonly heartbeat: string
  readonly queries: readonly { readonly promql: string; readonly feature: MadeUpFeature }[]
  /** Grid time of the first tick, ms. */
  readonly startMs: number
  readonly intervalMs: number
  readonly ticks: number
  /** Different answers of one query, handed out in turns. */
  readonly variants: number
}

export interface ReplayReady {
  readonly url: string
  /** Of all answers of one tick. */
  readonly bytes: number
  readonly compressedBytes: number
}

interface Answers {
  /** By variant, compressed. */
  readonly bodies: readonly Buffer[]
  readonly bytes: number
}

export const instanceOf = (host: number) => `web-${String(host).padStart(5, '0')}.eu-central.example.net:9100`
export const JOB = 'node'

const hostsOf = (plan: ReplayPlan) => Array.from({ length: plan.hosts }, (_, host) => host)
const metricOf = (host: number) => `{"metric":{"instance":"${instanceOf(host)}","job":"${JOB}"}`

function answer(resultType: string, series: readonly string[]): { body: Buffer; bytes: number } {
  const json = `{"status":"success","data":{"resultType":"${resultType}","result":[${series.join(',')}]}}`
  return { body: gzipSync(json), bytes: json.length }
}

function heartbeats(plan: ReplayPlan): Answers {
  const all = Array.from({ length: plan.ticks }, (_, tick) => {
    const at = (plan.startMs + tick * plan.intervalMs) / 1000
    // Scraped at some time within the last interval, each host at its own.
    const sampled = (host: number) => (at - 0.5 - ((host * 7919) % 1000) / 100).toFixed(3)
    return answer(
      'vector',
      hostsOf(plan).map((host) => `${metricOf(host)},"value":[${at},"${sampled(host)}"]}`),
    )
  })
  return { bodies: all.map(({ body }) => body), bytes: all[0].bytes }
}

function values(plan: ReplayPlan, index: number): Answers {
  const { feature } = plan.queries[index]
  const all = Array.from({ length: plan.variants }, (_, variant) => {
    const at = (plan.startMs + variant * plan.intervalMs) / 1000
    const series: string[] = []
    for (let host = 0; host < plan.hosts; host++) {
      const value = madeUpValue(feature, host, index, variant)
      if (!Number.isNaN(value)) series.push(`${metricOf(host)},"value":[${at},"${value}"]}`)
    }
    return answer('vector', series)
  })
  return { bodies: all.map(({ body }) => body), bytes: all[0].bytes }
}

function range(plan: ReplayPlan, index: number, fromS: number, toS: number, stepS: number): Buffer {
  const { feature } = plan.queries[index]
  const series = hostsOf(plan).map((host) => {
    const points: string[] = []
    for (let at = fromS; at <= toS; at += stepS) {
      const value = madeUpValue(feature, host, index, Math.round(at / stepS))
      if (!Number.isNaN(value)) points.push(`[${at},"${value}"]`)
    }
    return `${metricOf(host)},"values":[${points.join(',')}]}`
  })
  return answer('matrix', series).body
}

/** History is asked for with the instances of a round of training; the replay knows its queries without. */
function withoutInstances(promql: string): string {
  return promql.replace(/,?instance=~"[^"]*"/g, '').replaceAll('{}', '')
}

function handler(plan: ReplayPlan, beats: Answers, answers: readonly Answers[]) {
  const indices = new Map(plan.queries.map(({ promql }, index) => [promql, index]))
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const form = request.method === 'POST' ? new URLSearchParams(await text(request)) : searchParams
    const promql = form.get('query') ?? ''
    const number = (name: string) => Number(form.get(name))
    const tick = Math.round((number('time') * 1000 - plan.startMs) / plan.intervalMs)
    const index = indices.get(promql) ?? indices.get(withoutInstances(promql))
    let body: Buffer | undefined
    if (pathname.endsWith('/query_range') && index !== undefined) {
      body = range(plan, index, number('start'), number('end'), number('step'))
    } else if (promql === plan.heartbeat) body = beats.bodies[tick]
    else if (index !== undefined) body = answers[index].bodies[((tick % plan.variants) + plan.variants) % plan.variants]
    if (body === undefined) {
      response.writeHead(422).end('{"status":"error","errorType":"bench","error":"nothing to replay"}')
      return
    }
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': body.length }
    response.writeHead(200, headers).end(body)
  }
}

answerRequests(async (plan: ReplayPlan): Promise<ReplayReady> => {
  const beats = heartbeats(plan)
  const answers = plan.queries.map((_, index) => values(plan, index))
  const server = createServer({ keepAliveTimeout: 600_000 }, handler(plan, beats, answers))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const all = [beats, ...answers]
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    compressedBytes: all.reduce((sum, { bodies }) => sum + bodies[0].length, 0),
  }
})
