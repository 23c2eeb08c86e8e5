import type { Secret } from '../platform/secrets.ts'
import type { ServiceDefinition } from './service.ts'
import { forEach, request, type Send } from './target.ts'
import type { ServiceReading } from './world.ts'

export interface PushOptions {
  /** Of Homeostat, without a slash at its end: `http://127.0.0.1:9797`. */
  readonly url: string
  readonly services: readonly ServiceDefinition[]
  /** Asked before each tick, so that a rotated token is picked up. */
  readonly token?: () => Secret
  readonly send: Send
}

/** Digits after the point that a metric is pushed with. */
const DIGITS = 2

/** Posts each reading as one observation, `POST /api/v1/observations`. */
export function createPush({ url, services, token, send }: PushOptions) {
  const definitions = new Map(services.map((service) => [service.name, service]))

  return async (readings: readonly ServiceReading[], signal: AbortSignal): Promise<void> => {
    const authorization = token && `Bearer ${token().reveal()}`
    const headers = { 'Content-Type': 'application/json', ...(authorization && { Authorization: authorization }) }
    await forEach(readings, (reading) => {
      const body = JSON.stringify(observation(reading, definitions.get(reading.service)!))
      return request(send, `${url}/api/v1/observations`, { method: 'POST', headers, body }, signal)
    })
  }
}

function observation({ service, at, metrics }: ServiceReading, { tier, machine }: ServiceDefinition) {
  const { disk_percent: _, ...pushed } = metrics
  const rounded = Object.entries(pushed).map(([name, value]) => [name, Number(value.toFixed(DIGITS))])
  return {
    service,
    timestamp: new Date(at).toISOString(),
    labels: { tier, machine },
    metrics: Object.fromEntries(rounded),
  }
}
