import { describe, expect, it } from 'vitest'
import { JournalError } from '../pipeline/journal.ts'
import type { TargetDetailJson, TargetScoresJson } from './contract.ts'
import { ApiError } from './problem.ts'
import type { ScoresRequest } from './scores.ts'
import { bearer, guarded, TOKENS } from './testing/credentials.ts'
import { fakeFleet, verdictOf, warmingUp } from './testing/fake-fleet.ts'
import { fakeIncidents, incidentOf, NOON } from './testing/fake-incidents.ts'
import { fakeRemediation } from './testing/fake-remediation.ts'
import { noKpis } from './testing/no-kpis.ts'
import { serveApi } from './testing/serve.ts'

const iso = (ms: number) => new Date(ms).toISOString()

describe('GET /api/v1/targets/{id}', () => {
  it('says what its features count, how its peers are, and what is known of its trouble', async () => {
    const contributions = [{ feature: 'cpu_busy', share: 1, actual: 91, expected: 28 }]
    const silence = {
      id: 's1',
      target: 'web-1@node',
      from: NOON,
      until: NOON + 60_000,
      by: 'api:alice',
      text: 'deploy',
    }
    const { get } = await serveApi({
      fleet: fakeFleet([verdictOf('web-1', { detected: true, contributions }), verdictOf('web-2')]),
      incidents: fakeIncidents([incidentOf('i1', 'web-1@node', 0)]),
      remediation: { ...fakeRemediation(), silenceOf: async () => silence },
    })

    const detail = (await (await get('/api/v1/targets/web-1%40node')).json()) as TargetDetailJson

    expect(detail.features).toEqual([
      { name: 'cpu_busy', unit: 'percent', help: 'Busy share of all processors.', actual: 91, expected: 28, share: 1 },
    ])
    expect(detail.peers).toEqual({ group: 'node', size: 2, anomalous: 1 })
    expect(detail.silenced).toEqual({ until: iso(NOON + 60_000), by: 'api:alice', text: 'deploy' })
    expect(detail.incident?.id).toBe('i1')
    expect(detail.ready_at).toBeNull()
  })

  it('says when its first score is to be expected', async () => {
    const fleet = { ...fakeFleet([warmingUp('web-1')]), readyAt: () => NOON }
    const { get } = await serveApi({ fleet })

    expect(await (await get('/api/v1/targets/web-1%40node')).json()).toMatchObject({
      state: 'warming_up',
      ready_at: iso(NOON),
    })
  })

  it('counts no peers that are not seen', async () => {
    const { get } = await serveApi({
      fleet: fakeFleet([verdictOf('web-1'), verdictOf('db-1', { detected: true })]),
      access: guarded(),
    })

    const answer = await get('/api/v1/targets/web-1%40node', bearer(TOKENS.web))

    expect(((await answer.json()) as TargetDetailJson).peers).toEqual({ group: 'node', size: 1, anomalous: 0 })
  })

  it('answers from memory while the store cannot be read', async () => {
    const { get } = await serveApi({
      fleet: fakeFleet([verdictOf('web-1')]),
      incidents: {
        ...fakeIncidents(),
        ongoing: () => Promise.reject(new ApiError('storage_unavailable', 'the store cannot be used now')),
      },
      remediation: {
        ...fakeRemediation(),
        silenceOf: () => Promise.reject(new JournalError('unreachable', 'the database cannot be reached')),
      },
    })

    const answer = await get('/api/v1/targets/web-1%40node')

    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ level: 0.5, silenced: null, incident: null })
  })
})

describe('GET /api/v1/targets/{id}/scores', () => {
  it('asks for the last hour unless told otherwise, and gives what is known', async () => {
    const asked: ScoresRequest[] = []
    const { get } = await serveApi({
      kpis: { ...noKpis, now: () => NOON },
      scores: {
        async read(_target, request) {
          asked.push(request)
          const point = { at: NOON, level: 1.25, score: Number.NaN, threshold: 0.123456789, detected: true }
          const values = [{ at: NOON, actual: 91, expected: Number.NaN }]
          return {
            stepMs: 15_000,
            source: 'memory',
            points: [point, { ...point, detected: undefined, detectors: { zscore: 0.5 } }],
            features: [{ name: 'cpu_busy', source: 'prometheus', points: values }],
            problems: ['Prometheus answers in part'],
          }
        },
      },
    })

    const scores = (await (
      await get('/api/v1/targets/web-1%40node/scores?features=cpu_busy')
    ).json()) as TargetScoresJson

    expect(asked).toEqual([{ fromMs: NOON - 3_600_000, toMs: NOON, features: ['cpu_busy'] }])
    expect(scores).toEqual({
      target: 'web-1@node',
      from: iso(NOON - 3_600_000),
      to: iso(NOON),
      step_seconds: 15,
      source: 'memory',
      points: [
        { at: iso(NOON), level: 1.25, score: null, threshold: 0.123457, detected: true, detectors: {} },
        { at: iso(NOON), level: 1.25, score: null, threshold: 0.123457, detected: null, detectors: { zscore: 0.5 } },
      ],
      features: [
        {
          name: 'cpu_busy',
          unit: 'percent',
          source: 'prometheus',
          points: [{ at: iso(NOON), actual: 91, expected: null }],
        },
      ],
      problems: ['Prometheus answers in part'],
    })
  })

  it.each([
    ['from=now', 400],
    ['from=2026-11-21T12:00:01Z', 400],
    ['from=2020-01-01T00:00:00Z', 400],
    ['features=', 400],
    ['features=a,,b', 400],
    ['from=2026-11-20T12:00:00Z&to=2026-11-20T13:00:00%2B01:00', 400],
    ['from=2026-11-20T11:00:00Z&to=2026-11-20T13:00:00%2B01:00', 200],
    ['from=2999-01-01T00:00:00Z&to=2999-01-02T00:00:00Z', 400],
  ])('answers ?%s with %i', async (query, status) => {
    const { get } = await serveApi({ kpis: { ...noKpis, now: () => NOON } })

    expect((await get(`/api/v1/targets/web-1%40node/scores?${query}`)).status).toBe(status)
  })

  it('ends without a complaint in the log when nobody waits for the answer any more', async () => {
    const begun = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    const { server, get, log } = await serveApi({
      scores: {
        read: (_target, _request, signal) => {
          begun.resolve()
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              reject(signal.reason)
              ended.resolve()
            })
          })
        },
      },
    })
    const leaving = new AbortController()
    const asked = fetch(`${server.url}/api/v1/targets/web-1%40node/scores`, { signal: leaving.signal })
    await begun.promise

    leaving.abort()

    await expect(asked).rejects.toThrow('aborted')
    await ended.promise
    expect((await get('/-/healthy')).status).toBe(200)
    expect(log()).not.toContain('a request failed')
  })

  it('knows nothing of a target that is not seen', async () => {
    const { get } = await serveApi({ access: guarded() })

    expect((await get('/api/v1/targets/db-1%40node/scores', bearer(TOKENS.web))).status).toBe(404)
    expect((await get('/api/v1/targets/web-1%40node/scores', bearer(TOKENS.web))).status).toBe(200)
  })
})
