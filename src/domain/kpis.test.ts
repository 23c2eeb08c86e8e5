import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert } from './alert.ts'
import { alarmed, calmed, closed, type Incident, judged, opened, openedByAlert } from './incident.ts'
import { withAlerts } from './incident-course.ts'
import { kpisOf } from './kpis.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const DAY = 86_400_000
const minutes = (count: number) => NOON + count * 60_000
const peak = (at: number) => ({ at, level: 2, contributions: [] })

let ids = 0
const anomaly = (at: number): Incident => opened(String(ids++), 'web@node', peak(at))
const alertOnly = (at: number): Incident =>
  openedByAlert(String(ids++), 'web@node', at, { labels: {}, group: '' }, 'an alert fires')

function alerted(incident: Incident, startsAt: number, labels: Alert['labels'] = { alertname: 'Slow' }): Incident {
  const alert: Alert = {
    source: 'alertmanager',
    groupKey: '',
    fingerprint: JSON.stringify(labels),
    status: 'firing',
    labels,
    annotations: {},
    startsAt,
  }
  return withAlerts(incident, [alert], 0, Math.max(startsAt, incident.openedAt))
}

/** Over at a time, and not come back. */
const ended = (incident: Incident, at: number) => closed(calmed(incident, at), at + 600_000, 'it has not come back')
const useful = (incident: Incident, is = true) => judged(incident, is, NOON)
const kpis = (...incidents: Incident[]) => kpisOf(incidents, NOON, NOON + 2 * DAY)

describe('what was detected', () => {
  it('is what a person calls useful, or of which somebody else alerted', () => {
    const found = kpis(useful(anomaly(NOON)), alerted(anomaly(NOON), minutes(1)), anomaly(NOON))

    expect(found.detections).toEqual({ true: 2, false: 0, unknown: 1 })
    expect(found.detectionRate).toBe(1)
  })

  it('is not what only alerts speak of', () => {
    const found = kpis(useful(anomaly(NOON)), alerted(alertOnly(NOON), NOON), alerted(alertOnly(NOON), NOON))

    expect(found).toMatchObject({ incidents: 3, missed: 2 })
    expect(found.detectionRate).toBeCloseTo(1 / 3)
  })

  it('is not confirmed by our own anomaly that comes back as an alert', () => {
    const found = kpis(alerted(anomaly(NOON), minutes(1), { alertname: 'Anomaly', origin: 'homeostat' }))

    expect(found.detections.unknown).toBe(1)
    expect(found.detectionRate).toBeNaN()
  })
})

it('false alarms are those that a person calls so, whoever else alerted', () => {
  const found = kpis(
    useful(anomaly(NOON), false),
    useful(alerted(anomaly(NOON), NOON), false),
    useful(anomaly(NOON)),
    anomaly(NOON),
  )

  expect(found.falsePositiveRate).toBeCloseTo(2 / 3)
  expect(found.falseAlarmsPerDay).toBe(1)
})

describe('the time to detect', () => {
  it('counts from the first sign that anybody had', () => {
    const late = alarmed(alerted(alertOnly(NOON), minutes(-1)), peak(minutes(2)))
    const early = alerted(anomaly(NOON), minutes(5))

    const { timeToDetect, leadOverAlerts } = kpis(late, early)

    expect(timeToDetect).toEqual({ mean: 90, of: 2 })
    expect(leadOverAlerts).toEqual({ mean: 60, of: 2 })
  })

  it('says nothing of incidents that nobody judged', () => {
    expect(kpis(anomaly(NOON)).timeToDetect).toEqual({ mean: Number.NaN, of: 0 })
  })
})

describe('the time to recover', () => {
  it('goes from the opening to the end, apart for what was acted on', () => {
    const acted = { ...ended(anomaly(NOON), minutes(2)), attempts: 1 }

    const found = kpis(acted, ended(anomaly(NOON), minutes(10)))

    expect(found.timeToRecover).toEqual({ mean: 360, of: 2 })
    expect(found.timeToRecoverActed).toEqual({ mean: 120, of: 1 })
    expect(found.timeToRecoverAlone).toEqual({ mean: 600, of: 1 })
  })

  it('leaves out false alarms, what goes on, what may come back, and targets that went away', () => {
    const gone = closed(anomaly(NOON), minutes(20), 'the target is gone')
    const falseAlarm = useful(ended(anomaly(NOON), minutes(1)), false)

    expect(kpis(gone, falseAlarm, anomaly(NOON), calmed(anomaly(NOON), minutes(1))).timeToRecover.of).toBe(0)
  })
})

it('incidents count that opened in the period', () => {
  const found = kpis(anomaly(NOON - 1), anomaly(NOON), anomaly(NOON + 2 * DAY - 1), anomaly(NOON + 2 * DAY))

  expect(found.incidents).toBe(2)
})

it('rates lie between 0 and 1, and every incident counts once', () => {
  const some = fc.record({ alert: fc.boolean(), silent: fc.boolean(), feedback: fc.option(fc.boolean()) })
  fc.assert(
    fc.property(fc.array(some), (all) => {
      const incidents = all.map(({ alert, silent, feedback }) => {
        const begun = silent ? alertOnly(NOON) : anomaly(NOON)
        const one = alert ? alerted(begun, NOON) : begun
        return feedback === null ? one : useful(one, feedback)
      })

      const found = kpis(...incidents)

      const { detections, missed, detectionRate, falsePositiveRate } = found
      expect(detections.true + detections.false + detections.unknown).toBe(all.filter(({ silent }) => !silent).length)
      expect(detections.true + missed).toBe(
        all.filter(({ alert, feedback }) => (feedback === null ? alert : feedback)).length,
      )
      for (const rate of [detectionRate, falsePositiveRate])
        expect(Number.isNaN(rate) || (rate >= 0 && rate <= 1)).toBe(true)
    }),
  )
})
