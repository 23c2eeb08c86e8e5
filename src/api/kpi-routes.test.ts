import { describe, expect, it } from 'vitest'
import { opened } from '../domain/incident.ts'
import { kpisOf } from '../domain/kpis.ts'
import { NOON } from './testing/fake-incidents.ts'
import { serveApi } from './testing/serve.ts'

const HOUR = 3_600_000
const incident = opened('1', 'web@node', { at: NOON - HOUR, level: 2, contributions: [] })
const kpis = { now: () => NOON, read: async (from: number, to: number) => kpisOf([incident], from, to) }

describe('GET /api/v1/kpis', () => {
  it('answers for the last seven days, with null for what nobody can say', async () => {
    const { get } = await serveApi({ kpis })

    const answer = await (await get('/api/v1/kpis')).json()

    expect(answer).toMatchObject({
      from: new Date(NOON - 7 * 24 * HOUR).toISOString(),
      to: new Date(NOON).toISOString(),
      incidents: 1,
      detections: { true: 0, false: 0, unknown: 1 },
      detection_rate: null,
      time_to_detect: { mean_seconds: null, of: 0 },
    })
  })

  it('answers for a period', async () => {
    const { get } = await serveApi({ kpis })
    const to = new Date(NOON - 2 * HOUR).toISOString()

    expect(await (await get(`/api/v1/kpis?to=${to}`)).json()).toMatchObject({ to, incidents: 0 })
  })

  it.each(['from=yesterday', 'from=2030-01-01T00:00:00Z', 'to='])('refuses %s', async (query) => {
    const { get } = await serveApi({ kpis })

    const answer = await get(`/api/v1/kpis?${query}`)

    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'invalid_parameter' })
  })
})
