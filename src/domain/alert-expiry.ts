import { type Alert, type IncidentAlert, isFiring } from './alert.ts'
import { easedOff, type Incident, told } from './incident.ts'
import { leftOut } from './incident-course.ts'

/** That an alert was said again is written down so many times within its timeout: each costs a write. */
const NOTES_PER_TIMEOUT = 12
const NAMES_SHOWN = 5

/**
 * The incident with when some of its alerts were last said to fire. What was written down a short while ago is left as
 * it is.
 *
 * @param alerts said again at `at`
 * @returns the incident itself when there is nothing to write down
 */
export function notedAgain(incident: Incident, alerts: readonly Alert[], at: number, timeoutMs: number): Incident {
  const again = new Map(alerts.filter(({ status }) => status === 'firing').map((one) => [one.fingerprint, one]))
  let noted = false
  const next = incident.alerts.map((alert): IncidentAlert => {
    const said = again.get(alert.fingerprint)
    if (said === undefined || alert.status !== 'firing' || said.startsAt < alert.startsAt) return alert
    const isRecent = at - (alert.heardAt ?? incident.openedAt) < timeoutMs / NOTES_PER_TIMEOUT
    if (isRecent && said.expiresAt === alert.expiresAt) return alert
    noted = true
    return { ...alert, heardAt: at, expiresAt: said.expiresAt }
  })
  return noted ? { ...incident, alerts: next } : incident
}

/**
 * The incident without alerts that nobody says any more: their sender is gone, and will not say that they are resolved.
 * While an action is under way it stays as it is, as this would be no proof that the action helped.
 *
 * @param timeoutMs after so long without a word; the sender's own time goes first
 * @returns the incident itself when nothing has lapsed
 */
export function withoutLapsed(incident: Incident, at: number, timeoutMs: number): Incident {
  if (incident.state !== 'opened' && incident.state !== 'escalated') return incident
  const patience = timeoutMs + timeoutMs / NOTES_PER_TIMEOUT
  const lapses = (alert: IncidentAlert) => {
    return isFiring(alert) && at >= (alert.expiresAt ?? (alert.heardAt ?? incident.openedAt) + patience)
  }
  const lapsed = incident.alerts.filter(lapses)
  if (lapsed.length === 0) return incident
  const alerts = incident.alerts.map((alert): IncidentAlert => {
    return lapses(alert) ? { ...alert, status: 'resolved', endsAt: at, lapsed: true } : alert
  })
  const text = `${namesOf(lapsed)}: not said again in time, taken for over; its sender may be gone`
  const data = { alerts: lapsed.length, truncated: leftOut(incident), lapsed: true }
  return easedOff(told({ ...incident, alerts }, at, 'alert', text, data), at, text)
}

function namesOf(alerts: readonly IncidentAlert[]): string {
  const names = [...new Set(alerts.map(({ name }) => name || 'an alert without a name'))]
  const shown = names.slice(0, NAMES_SHOWN).join(', ')
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown
}
