import { describe, expect, it } from 'vitest'
import { type IncidentAlert, incidentAlert } from './alert.ts'
import { severityNumber, severityWord } from './incident-severity.ts'

const alert = (severity?: string, changes: Partial<IncidentAlert> = {}): IncidentAlert => {
  const labels = { alertname: 'A', ...(severity === undefined ? {} : { severity }) }
  const said = { source: 'alertmanager', groupKey: '', fingerprint: '1', status: 'firing', annotations: {} } as const
  return { ...incidentAlert({ ...said, labels, startsAt: 100 }, 100), ...changes }
}
const of = (level: number, ...alerts: IncidentAlert[]) => {
  const incident = { level, alerts }
  return [severityWord(incident), severityNumber(incident)]
}

describe('the severity of an incident', () => {
  it.each([
    [1, 'low', 0.5],
    [2, 'medium', 0.75],
    [4, 'high', 0.9375],
    [8, 'critical', 0.99609375],
    [3, 'medium', 0.875],
  ] as const)('is that of its level: %d is %s, %d', (level, word, number) => {
    expect(of(level)).toEqual([word, number])
  })

  it.each([
    ['info', 'low', 0.5],
    ['warning', 'medium', 0.75],
    ['WARNING', 'medium', 0.75],
    ['error', 'high', 0.9375],
    ['page', 'critical', 0.99609375],
  ] as const)('is what its alert says, on the same scale: %s is %s, %d', (label, word, number) => {
    expect(of(0, alert(label))).toEqual([word, number])
  })

  it.each([[undefined], ['none'], ['constructor'], ['7']])(
    'is not known, and not 0, where only an alert with %s speaks',
    (label) => {
      expect(of(0, alert(label))).toEqual(['low', undefined])
    },
  )

  it('is the worse of the two', () => {
    expect(of(2, alert('critical'))).toEqual(['critical', 0.99609375])
    expect(of(9, alert('warning'))).toEqual(['critical', 1 - 2 ** -9])
  })

  it('stays the worst that was when alerts end, while the word is of now', () => {
    expect(of(0, alert('critical', { status: 'resolved', endsAt: 200 }), alert('info'))).toEqual(['low', 0.99609375])
  })

  it('does not count our own anomaly come back, nor an alert that ended before it began', () => {
    const ours = alert('critical', { labels: { severity: 'critical', origin: 'homeostat' } })

    expect(of(0, ours, alert('critical', { status: 'resolved', endsAt: 50 }))).toEqual(['low', undefined])
  })
})
