import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { verdictOf } from '../../api/testing/fake-fleet.ts'
import { createLogger } from '../../platform/logger.ts'
import { createMirror } from './pushgateway.ts'

/** A server that takes what it is given, as long as its status says so. */
async function gateway() {
  const taken: { method: string; path: string; body: string }[] = []
  const answer = { status: 200 }
  const server = createServer(async (request: IncomingMessage, response) => {
    taken.push({ method: request.method!, path: request.url!, body: await text(request) })
    response.writeHead(answer.status).end()
  }).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  onTestFinished(() => void server.close())
  const log: string[] = []
  const logger = createLogger('info', { write: (line: string) => log.push(line) })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { taken, answer, log, mirror: createMirror({ url, timeoutMs: 5000, logger }) }
}

const pushed = (name: string) => {
  const verdict = verdictOf(name)
  return { ...verdict, target: { id: `${name}@push`, labels: { instance: name, job: 'push' } } }
}

describe('the mirror in a Pushgateway', () => {
  it('gives the series of each job as a group of its own', async () => {
    const { taken, mirror } = await gateway()

    await mirror.put([verdictOf('web-1'), pushed('checkout'), verdictOf('web-2')])

    expect(taken.map(({ method, path }) => [method, path])).toEqual([
      ['PUT', '/metrics/job@base64/bm9kZQ/origin/homeostat'],
      ['PUT', '/metrics/job@base64/cHVzaA/origin/homeostat'],
    ])
    expect(taken[0].body).toMatch(/^anomaly_level\{instance="web-2",job="node"\} /m)
    expect(taken[1].body).toMatch(/^anomaly_level\{instance="checkout",job="push"\} /m)
  })

  it('takes back what is gone', async () => {
    const { taken, mirror } = await gateway()
    await mirror.put([pushed('checkout')])

    await mirror.put([])

    expect(taken).toHaveLength(2)
    expect(taken[1].body).not.toContain('checkout')
  })

  it('says once that nothing is taken, and once that it is again', async () => {
    const { answer, log, mirror } = await gateway()

    for (const status of [500, 500, 200]) {
      answer.status = status
      await mirror.put([verdictOf('web-1')])
    }

    expect(log.map((line) => JSON.parse(line).msg)).toEqual([
      'the Pushgateway does not take the scores',
      'the Pushgateway takes the scores again',
    ])
  })
})
