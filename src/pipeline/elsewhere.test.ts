import { describe, expect, it } from 'vitest'
import { type Incident, opened, openedByAlert, recovered } from '../domain/incident.ts'
import { withAlerts } from '../domain/incident-course.ts'
import type { OutsideSilence, SuppressedAlert, Suspect } from '../domain/suppression.ts'
import { knownTargets } from './alert-target.ts'
import { createElsewhere, quietUntil } from './elsewhere.ts'
import { alertOf, NOON } from './testing/bench.ts'

const HOUR = 3_600_000
const web = { id: 'web-1@node', labels: { instance: 'web-1', job: 'node' } }
const other = { id: 'web-2@node', labels: { instance: 'web-2', job: 'node' } }
const known = knownTargets([web, other])

function silenceOf(labels: Readonly<Record<string, string>>, changes: Partial<OutsideSilence> = {}): OutsideSilence {
  const matches = (given: Readonly<Record<string, string>>) =>
    Object.entries(labels).every(([name, value]) => given[name] === value)
  const times = { startsAt: NOON - HOUR, endsAt: NOON + HOUR, active: true }
  return { id: 's', matches, ...times, by: 'alice', comment: 'new disks', ...changes }
}

const firing = (labels: Readonly<Record<string, string>>) => ({ labels: { ...web.labels, ...labels } })
const suppressed = (labels: Readonly<Record<string, string>>, changes: Partial<SuppressedAlert> = {}) => {
  return { labels, silencedBy: [], inhibitedBy: [], ...changes }
}

function ask(
  suspect: Partial<Suspect>,
  { silences = [], alerts = [] }: { silences?: readonly OutsideSilence[]; alerts?: readonly SuppressedAlert[] },
  at = NOON,
): string | undefined {
  const whole = { target: web, anomalous: false, alerts: [], ...suspect }
  return createElsewhere(['instance', 'job'])(whole, { silences, alerts }, known, at)
}

describe('a silence', () => {
  it('is about a target that it names, with its comment and end', () => {
    expect(ask({ anomalous: true }, { silences: [silenceOf({ instance: 'web-1' })] })).toBe(
      'silenced in Alertmanager by alice until 2026-11-21T13:00:00.000Z: new disks',
    )
    expect(ask({ anomalous: true }, { silences: [silenceOf({ instance: 'web-2' })] })).toBeUndefined()
  })

  it('is about a target by one of its alerts, completed by the target’s labels', () => {
    const alerts = [{ labels: { alertname: 'Slow', severity: 'warning' } }, firing({ alertname: 'Full' })]

    expect(ask({ alerts }, { silences: [silenceOf({ alertname: 'Slow', job: 'node' })] })).toMatch(/alice/)
    expect(ask({ alerts }, { silences: [silenceOf({ alertname: 'Other' })] })).toBeUndefined()
  })

  it('does not fit parts of different alerts', () => {
    const alerts = [firing({ alertname: 'Slow' }), firing({ alertname: 'Full', severity: 'critical' })]

    expect(ask({ alerts }, { silences: [silenceOf({ alertname: 'Slow', severity: 'critical' })] })).toBeUndefined()
  })

  it('does not fit what an alert that opened an incident lent to its target', () => {
    const target = { id: 'x@y', labels: { instance: 'x', job: 'y', severity: 'critical' } }
    const alerts = [{ labels: { alertname: 'Slow', instance: 'x', job: 'y' } }]

    expect(ask({ target, alerts }, { silences: [silenceOf({ severity: 'critical' })] })).toBeUndefined()
  })

  it('holds from its beginning to its end, by our clock too', () => {
    const pending = silenceOf({ job: 'node' }, { active: false, startsAt: NOON + 1000 })
    const ahead = silenceOf({ job: 'node' }, { startsAt: NOON + 1000 })

    expect(ask({}, { silences: [pending] })).toBeUndefined()
    expect(ask({}, { silences: [pending] }, NOON + 1000)).toBeDefined()
    expect(ask({}, { silences: [ahead] })).toBeDefined()
    expect(ask({}, { silences: [ahead] }, NOON + HOUR)).toBeUndefined()
  })
})

describe('what people are told of an incident', () => {
  const LATER = NOON + 8 * HOUR
  const slow = { alertname: 'Slow', ...web.labels }
  const full = { alertname: 'Full', ...web.labels }
  const bySlow = silenceOf({ alertname: 'Slow' })
  const byFull = silenceOf({ alertname: 'Full' }, { endsAt: LATER })
  const byHost = silenceOf({ instance: 'web-1' })

  function incidentOf(anomalous: boolean, ...alerts: Readonly<Record<string, string>>[]): Incident {
    const peak = { at: NOON, level: 2, contributions: [] }
    const subject = { labels: { ...web.labels, severity: 'page' }, group: 'node' }
    const begun = anomalous ? opened('i', web.id, peak, subject) : openedByAlert('i', web.id, NOON, subject, 'x')
    const all = alerts.map((labels, i) => ({ ...alertOf('web-1'), fingerprint: `f${i}`, labels, startsAt: NOON }))
    return withAlerts(begun, all, 0, NOON)
  }
  const until = (incident: Incident, ...silences: readonly OutsideSilence[]) =>
    quietUntil(incident, silences, ['instance', 'job'], NOON)

  it('is held while each of its alerts is silenced', () => {
    expect(until(incidentOf(false, slow), bySlow)).toBe(NOON + HOUR)
    expect(until(incidentOf(false, slow), silenceOf({ alertname: 'Slow' }, { endsAt: NOON }))).toBeUndefined()
    expect(until(incidentOf(false, slow, full), bySlow)).toBeUndefined()
    expect(until(incidentOf(false, slow, full), bySlow, byFull)).toBe(NOON + HOUR)
    expect(until(incidentOf(false, slow, full), byHost, byFull)).toBe(NOON + HOUR)
  })

  it('is held where the target is silenced, and not where only one of its alerts is and it has an anomaly', () => {
    expect(until(incidentOf(true), byHost)).toBe(NOON + HOUR)
    expect(until(incidentOf(true, slow), bySlow)).toBeUndefined()
    expect(until(incidentOf(true, slow), bySlow, silenceOf({ severity: 'page' }))).toBeUndefined()
  })

  it('is held where its anomaly is silenced as the alert that it is elsewhere', () => {
    const ours = { ...web.labels, alertname: 'HomeostatAnomaly', origin: 'homeostat' }

    expect(until(incidentOf(true, ours), silenceOf({ alertname: 'HomeostatAnomaly' }))).toBe(NOON + HOUR)
    expect(until(incidentOf(true), silenceOf({ alertname: 'HomeostatAnomaly' }))).toBeUndefined()
  })

  it('is held when it is over, too, as long as all that spoke is silenced', () => {
    const ended = (incident: Incident) => ({ ...recovered(incident, NOON, 'over'), anomalous: false })
    const resolved = (incident: Incident) => {
      return { ...incident, alerts: incident.alerts.map((one) => ({ ...one, status: 'resolved' as const })) }
    }

    expect(until(ended(incidentOf(true)), byHost)).toBe(NOON + HOUR)
    expect(until(resolved(incidentOf(false, slow)), bySlow)).toBe(NOON + HOUR)
    expect(until(resolved(ended(incidentOf(true, slow))), bySlow)).toBeUndefined()
  })
})

describe('an alert that is kept from people', () => {
  it('leaves its target alone, with the silence’s words', () => {
    const silences = [silenceOf({ alertname: 'Slow' })]
    const alerts = [suppressed({ alertname: 'Slow', instance: 'web-1' }, { silencedBy: ['s'] })]

    expect(ask({ anomalous: true }, { silences, alerts })).toMatch(/its alert Slow is silenced .*: new disks/)
    expect(ask({ anomalous: true, target: other }, { silences, alerts })).toBeUndefined()
    expect(ask({ anomalous: true }, { silences, alerts }, NOON + HOUR)).toBeUndefined()
    expect(ask({ anomalous: true }, { alerts })).toBe('its alert Slow is silenced in Alertmanager')
  })

  it('is known by its labels where it has no target', () => {
    const labels = { alertname: 'ErrorsHigh', service: 'checkout' }
    const target = { id: 'ErrorsHigh-01234567@alert', labels: { instance: '', job: '' } }
    const alerts = [suppressed(labels, { inhibitedBy: [undefined] })]

    expect(ask({ target, alerts: [{ labels }] }, { alerts })).toBe('its alert ErrorsHigh is inhibited in Alertmanager')
    expect(ask({ target, alerts: [{ labels: { ...labels, service: 'cart' } }] }, { alerts })).toBeUndefined()
  })

  it('that another one of the same target inhibits leaves that one to speak', () => {
    const warning = { ...web.labels, alertname: 'Slow', severity: 'warning' }
    const critical = { ...web.labels, alertname: 'Slow', severity: 'critical' }
    const elsewhere = { alertname: 'SwitchDown', instance: 'switch-7', job: 'network' }

    expect(ask({}, { alerts: [suppressed(warning, { inhibitedBy: [critical] })] })).toBeUndefined()
    expect(ask({}, { alerts: [suppressed(warning, { inhibitedBy: [critical, elsewhere] })] })).toBe(
      'its alert Slow is inhibited in Alertmanager by SwitchDown of switch-7@network',
    )
  })
})
