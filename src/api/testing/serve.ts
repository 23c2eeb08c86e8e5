import { once } from 'node:events'
import { connect } from 'node:net'
import { onTestFinished } from 'vitest'
import { createLogger } from '../../platform/logger.ts'
import { createMetrics } from '../../platform/metrics.ts'
import type { ApiOptions } from '../api-routes.ts'
import { createApi } from '../create-api.ts'
import { startServer } from '../server.ts'
import { fakeIntake } from './alerts.ts'
import { fakeEvents, fakeStatus } from './fake-events.ts'
import { fakeFleet, verdictOf } from './fake-fleet.ts'
import { fakeIncidents, NOON } from './fake-incidents.ts'
import { fakeRemediation } from './fake-remediation.ts'
import { noKpis } from './no-kpis.ts'
import { noModels } from './no-models.ts'
import { noScores } from './no-scores.ts'
import { OPEN_ACCESS } from './open-access.ts'
import { closedDoor } from './readings.ts'

/** The API on a real socket until the test is over, with fakes behind it where nothing else is given. */
export async function serveApi(given: Partial<ApiOptions> = {}) {
  const log: string[] = []
  const metrics = createMetrics({ now: () => 0, version: '0', node: '0' })
  const logger = createLogger('debug', { write: (line: string) => log.push(line) })
  const options: ApiOptions = {
    fleet: fakeFleet([verdictOf('web-1'), verdictOf('db-1')]),
    incidents: fakeIncidents(),
    remediation: fakeRemediation(),
    receiveAlerts: fakeIntake().receive,
    receiveReading: closedDoor,
    kpis: noKpis,
    reload: async () => ({ ok: true }),
    access: () => OPEN_ACCESS,
    status: fakeStatus(),
    scores: noScores,
    models: noModels,
    version: '1.2.3',
    events: fakeEvents(given.fleet),
    now: () => NOON,
    metrics,
    logger,
    ...given,
  }
  const server = await startServer(createApi(options), '127.0.0.1', 0, logger)
  onTestFinished(() => server.close(0))

  async function raw(text: string | Buffer): Promise<string> {
    const socket = connect(server.port, server.host)
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {})
    socket.write(text)
    await once(socket, 'close')
    return Buffer.concat(chunks).toString()
  }

  return {
    server,
    log: () => log.join(''),
    get: (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers }),
    /** Sends JSON, or a text as it is. */
    send: (path: string, body?: unknown, headers: Record<string, string> = {}, method = 'POST') =>
      fetch(server.url + path, {
        method,
        headers: { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...headers },
        body: body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      } as RequestInit),
    /** Writes bytes and reads until the server hangs up. */
    raw,
    async metric(line: string): Promise<number> {
      const text = await metrics.registry.metrics()
      const found = text.split('\n').find((one) => one.startsWith(`${line} `))
      return found === undefined ? Number.NaN : Number(found.slice(line.length + 1))
    },
  }
}
