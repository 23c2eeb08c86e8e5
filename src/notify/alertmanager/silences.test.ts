import { describe, expect, it, onTestFinished } from 'vitest'
import { testContext } from '../testing/contract-context.ts'
import { httpSide } from '../testing/http-harness.ts'
import { alertmanager } from './index.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const SILENCE = {
  labels: { instance: 'web-1', job: 'node', team: '' },
  from: NOON,
  until: NOON + 3_600_000,
  by: 'telegram:42',
}

async function open(settings: object = { silences: true }) {
  const sides = [await httpSide(), await httpSide()]
  onTestFinished(() => void Promise.all(sides.map((side) => side.close())))
  const config = alertmanager.configSchema.parse({ urls: sides.map(({ url }) => url), ...settings })
  return { sides, notifier: alertmanager.create(config, testContext()) }
}

describe('a silence in Alertmanager', () => {
  it('is set once, by the labels that are known, with its time and by whom', async () => {
    const { sides, notifier } = await open()

    await notifier.silence?.({ ...SILENCE, text: 'a disk is changed' }, AbortSignal.timeout(5000))

    expect(sides[1].arrivals).toEqual([])
    expect(sides[0].arrivals).toMatchObject([{ method: 'POST', path: '/api/v2/silences' }])
    expect(JSON.parse(sides[0].arrivals[0].body)).toEqual({
      matchers: [
        { name: 'instance', value: 'web-1', isRegex: false, isEqual: true },
        { name: 'job', value: 'node', isRegex: false, isEqual: true },
      ],
      startsAt: '2026-11-21T12:00:00.000Z',
      endsAt: '2026-11-21T13:00:00.000Z',
      createdBy: 'telegram:42',
      comment: 'a disk is changed',
    })
  })

  it('is set in another member of the cluster when the first does not take it', async () => {
    const { sides, notifier } = await open()
    sides[0].reaction = 'fail'

    await notifier.silence?.({ ...SILENCE, text: '' }, AbortSignal.timeout(5000))

    expect(sides[1].arrivals).toHaveLength(1)
  })

  it('is never one of everything', async () => {
    const { sides, notifier } = await open()

    const keeping = notifier.silence?.({ ...SILENCE, labels: {}, text: '' }, AbortSignal.timeout(5000))

    await expect(keeping).rejects.toMatchObject({ reason: 'rejected' })
    expect(sides.flatMap(({ arrivals }) => arrivals)).toEqual([])
  })

  it('is not set unless it is asked for', async () => {
    expect((await open({})).notifier.silence).toBeUndefined()
  })
})
