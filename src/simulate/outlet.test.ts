import { describe, expect, it } from 'vitest'
import { Secret } from '../platform/secrets.ts'
import { createOutlet } from './outlet.ts'
import { createPush } from './push.ts'
import { createPushgateway } from './pushgateway.ts'
import { SHOP } from './service.ts'
import type { Send } from './target.ts'
import { createTraffic } from './traffic.ts'
import { createWorld } from './world.ts'

const never = new AbortController().signal

function told() {
  const lines: string[] = []
  const report = { failed: (line: string) => lines.push(line), worksAgain: (line: string) => lines.push(line) }
  return { lines, report }
}

/** Answers by hand; `requests` has what was asked. */
function fakeSend(answer: (url: string) => Response | Promise<Response>) {
  const requests: { url: string; init: RequestInit }[] = []
  const send: Send = async (url, init) => {
    requests.push({ url, init })
    return answer(url)
  }
  return { send, requests }
}

function oneTick() {
  const world = createWorld({ services: SHOP, seed: 1, startAt: Date.UTC(2026, 10, 21, 10), tickMs: 3000 })
  const traffic = createTraffic(world, 3000)
  const { readings } = world.tick()
  traffic.take(readings)
  return { readings, totals: traffic.totals() }
}

const refused: Send = async () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) })
}

describe('an outlet', () => {
  it('tells once that its target is down, tries every time, and tells once that it is back', async () => {
    const { lines, report } = told()
    const answers = [false, false, false, true, true]
    let tried = 0
    const outlet = createOutlet<number>(
      'push to somewhere',
      async () => {
        if (!answers[tried++]) throw new Error('it cannot be reached')
      },
      report,
    )

    for (const tick of answers.keys()) {
      outlet.send(tick)
      await outlet.close(never)
    }

    expect(tried).toBe(5)
    expect(lines).toEqual([
      'push to somewhere: it cannot be reached; the world goes on, every tick tries again',
      'push to somewhere works again',
    ])
  })

  it('leaves out what comes while something is under way, and says so when that goes on', async () => {
    const { lines, report } = told()
    const { promise, resolve } = Promise.withResolvers<void>()
    const delivered: number[] = []
    const outlet = createOutlet<number>(
      'push to somewhere',
      async (tick) => {
        delivered.push(tick)
        await promise
      },
      report,
    )

    outlet.send(1)
    outlet.send(2)
    const early = [...lines]
    outlet.send(3)
    resolve()
    await outlet.close(never)

    expect(delivered).toEqual([1])
    expect(early).toEqual([])
    expect(lines).toEqual([
      'push to somewhere: it takes longer than a tick; the world goes on, every tick tries again',
      'push to somewhere works again',
    ])
  })

  it('gives up at the end of the time that closing may take, without a word', async () => {
    const { lines, report } = told()
    const hanging = (_: number, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const outlet = createOutlet('push to somewhere', hanging, report)

    outlet.send(1)
    await outlet.close(AbortSignal.abort())

    expect(lines).toEqual([])
  })
})

describe('pushed readings', () => {
  it('are one observation for each service, with its tier, as the daemon takes them', async () => {
    const { readings } = oneTick()
    const { send, requests } = fakeSend(() => new Response('{}'))
    const push = createPush({ url: 'http://homeostat:9797', services: SHOP, token: () => new Secret('s3cret'), send })

    await push(readings, never)

    expect(requests).toHaveLength(12)
    expect(new Set(requests.map(({ url }) => url))).toEqual(new Set(['http://homeostat:9797/api/v1/observations']))
    const { init } = requests[1]
    expect(init).toMatchObject({
      method: 'POST',
      redirect: 'manual',
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer s3cret' },
    })
    const { metrics } = readings[1]
    const cents = (value: number) => Number(value.toFixed(2))
    expect(JSON.parse(String(init.body))).toEqual({
      service: 'checkout',
      timestamp: '2026-11-21T10:00:00.000Z',
      labels: { tier: 'app', machine: 'm1' },
      metrics: {
        cpu_percent: cents(metrics.cpu_percent),
        memory_percent: cents(metrics.memory_percent),
        request_latency_ms: cents(metrics.request_latency_ms),
        error_rate_percent: cents(metrics.error_rate_percent),
        requests_per_second: cents(metrics.requests_per_second),
        restarts: 0,
      },
    })
  })

  it('go on for the others when one is refused, and the refusal says what the target said', async () => {
    const { readings } = oneTick()
    let asked = 0
    const problem = JSON.stringify({ code: 'stale', detail: 'older than the newest' })
    const { send, requests } = fakeSend(() =>
      asked++ === 0 ? new Response(problem, { status: 409 }) : new Response('{}'),
    )

    const pushing = createPush({ url: 'http://h', services: SHOP, send })(readings, never)

    await expect(pushing).rejects.toThrow('it answers 409: older than the newest')
    expect(requests).toHaveLength(12)
  })

  it('are not tried one by one where nobody listens', async () => {
    const { readings } = oneTick()
    let asked = 0
    const send: Send = (url, init) => {
      asked++
      return refused(url, init)
    }

    const pushing = createPush({ url: 'http://h', services: SHOP, send })(readings, never)

    await expect(pushing).rejects.toThrow('it cannot be reached (ECONNREFUSED)')
    expect(asked).toBeLessThan(12)
  })
})

describe('a Pushgateway', () => {
  it('gets a group for every service, and has them taken away at the end', async () => {
    const { totals } = oneTick()
    const { send, requests } = fakeSend(() => new Response(''))
    const gateway = createPushgateway('http://gateway:9091', send)

    await gateway.put(totals, never)
    await gateway.clear(never)

    const methods = Map.groupBy(requests, ({ init }) => init.method)
    expect(methods.get('PUT')![0].url).toBe('http://gateway:9091/metrics/job/homeostat_simulate/instance/gateway')
    expect(methods.get('PUT')![0].init.body).toContain('http_requests_total{service="gateway"')
    expect(methods.get('PUT')![0].init.body).not.toContain('service="cart"')
    expect(methods.get('DELETE')!.map(({ url }) => url)).toEqual(methods.get('PUT')!.map(({ url }) => url))
  })

  it('that took nothing is asked to take nothing away', async () => {
    const { totals } = oneTick()
    const { send, requests } = fakeSend(() => new Response('no', { status: 400 }))
    const gateway = createPushgateway('http://gateway:9091', send)

    await expect(gateway.put(totals, never)).rejects.toThrow('it answers 400: no')
    await gateway.clear(never)

    expect(requests.every(({ init }) => init.method === 'PUT')).toBe(true)
  })
})
