import type { RequestHandler } from 'express'
import type { Metrics } from '../platform/metrics.ts'
import type { Fleet } from './fleet.ts'
import { ApiError } from './problem.ts'
import { TargetSeries } from './target-series.ts'

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Answers under way at most: each may hold ten megabytes until its client has read them. Two Prometheis are common, eight are not. */
const MAX_UNDER_WAY = 8

/** Prometheus itself gives up after 10 s unless told otherwise; a client slower than this never ends. */
const SEND_TIMEOUT_MS = 15_000

/** Part of the time that rendering may hold the event loop, so that other requests and cycles get their turn. */
const MAX_SHARE_OF_TIME = 0.1

/**
 * `GET /metrics`. One rendering at a time, and a pause nine times as long after it: scrapes that arrive meanwhile get
 * the same answer. For 10,000 targets it is then at most half a second old, for a hundred a few milliseconds.
 */
export function metricsRoute(metrics: Metrics, fleet: Fleet): RequestHandler {
  const targetSeries = new TargetSeries()
  let rendering: Promise<readonly Buffer[]> | undefined
  let underWay = 0

  const forget = () => {
    rendering = undefined
  }
  const render = async (): Promise<readonly Buffer[]> => {
    const start = performance.now()
    const own = await metrics.registry.metrics()
    const body = [Buffer.from(own), ...Array.from(targetSeries.render(fleet.verdicts()), (text) => Buffer.from(text))]
    const tookMs = performance.now() - start
    metrics.stageTook('render', tookMs / 1000)
    setTimeout(forget, tookMs * (1 / MAX_SHARE_OF_TIME - 1)).unref()
    return body
  }

  return async (_req, res) => {
    if (underWay >= MAX_UNDER_WAY) {
      res.set('Retry-After', '5')
      throw new ApiError('overloaded', 'too many scrapes at once')
    }
    underWay += 1
    const timer = setTimeout(() => res.destroy(), SEND_TIMEOUT_MS)
    res.once('close', () => {
      underWay -= 1
      clearTimeout(timer)
    })
    rendering ??= render().catch((error) => {
      forget()
      throw error
    })
    const body = await rendering
    res.set('Content-Type', CONTENT_TYPE)
    res.set('Content-Length', `${body.reduce((sum, { length }) => sum + length, 0)}`)
    for (const piece of body) res.write(piece)
    res.end()
  }
}
