import type { Action } from '../../domain/action.ts'
import { isFiring } from '../../domain/alert.ts'
import type { Incident } from '../../domain/incident.ts'
import type { Contribution } from '../../domain/verdict.ts'
import type { ChatReply } from '../../notify/answers.ts'
import { type ChatDependencies, said } from './dependencies.ts'
import { issueNonce, writePage } from './nonces.ts'
import { counted, rounded, shortTime } from './words.ts'

const INCIDENTS_ON_A_PAGE = 5
const FEATURES_SHOWN = 5
const ACTIONS_SHOWN = 5
const HOSTS_SHOWN = 5

/** How things stand. */
export async function statusText({ fleet, incidents, remediation }: ChatDependencies): Promise<string> {
  const verdicts = [...fleet.verdicts()]
  const inState = (state: string) => verdicts.filter((verdict) => verdict.state === state).length
  const detected = verdicts.filter(({ detected: is }) => is).sort((a, b) => b.level - a.level)
  const frozen = await remediation.frozen()
  const { items } = await incidents.list({ limit: 1000 })
  const ongoing = items.filter(({ state }) => state !== 'recovered' && state !== 'closed')
  const waiting = await remediation.actions({ states: ['AWAITING_APPROVAL'], limit: 100 })
  const loudest = detected.slice(0, HOSTS_SHOWN).map(({ target, level }) => `  ${target.id}: level ${rounded(level)}`)
  return [
    frozen === undefined
      ? 'Actions are allowed.'
      : `FROZEN by ${frozen.by} since ${shortTime(frozen.at)}: ${frozen.reason}`,
    `${counted(verdicts.length, 'target')}: ${inState('fresh')} fresh, ${inState('warming_up')} warming up, ${inState('stale')} stale`,
    `${counted(detected.length, 'target')} with an anomaly`,
    ...loudest,
    `${counted(ongoing.length, 'incident')} going on, ${counted(waiting.items.length, 'action')} waiting for an answer`,
  ].join('\n')
}

/** One page of the incidents, newest first. @param before the id of the last one of the page before */
export async function incidentPage(before: string | undefined, dependencies: ChatDependencies): Promise<ChatReply> {
  const { incidents, nonces, clock } = dependencies
  const { items, more } = await incidents.list({ before, limit: INCIDENTS_ON_A_PAGE })
  if (items.length === 0) return said(before === undefined ? 'There are no incidents.' : 'There are no older ones.')
  const last = items.at(-1)
  if (!more || last === undefined) return said(items.map(incidentLine).join('\n'))
  const nonce = await issueNonce(nonces, writePage(last.id), clock.now())
  return said(items.map(incidentLine).join('\n'), [{ label: 'Older', nonce }])
}

function incidentLine({ target, state, diagnosis, level, openedAt, endedAt }: Incident): string {
  const times =
    endedAt === undefined ? `since ${shortTime(openedAt)}` : `${shortTime(openedAt)} to ${shortTime(endedAt)}`
  const height = level > 0 ? `, level ${rounded(level)}` : ''
  return `• ${target}: ${state}, ${diagnosis?.cause ?? 'unknown'}${height}, ${times}`
}

/** What is wrong with a target, as its incident has it. */
export async function whyText(incident: Incident, { remediation }: ChatDependencies): Promise<string> {
  const { target, diagnosis, highest, opening, alerts } = incident
  const { items } = await remediation.actions({ incidentId: incident.id, limit: ACTIONS_SHOWN })
  const cause = diagnosis ?? { cause: 'unknown', confidence: 0, evidence: [], rootTarget: target }
  const sure = cause.confidence > 0 ? ` (${Math.round(cause.confidence * 100)} % sure)` : ''
  const elsewhere = cause.rootTarget === target ? [] : [`It is believed to come from ${cause.rootTarget}.`]
  return [
    incidentLine(incident).slice(2),
    `Cause: ${cause.cause}${sure}`,
    ...elsewhere,
    ...cause.evidence.map((one) => `  ${one}`),
    ...featureLines(highest.length > 0 ? highest : opening),
    ...alerts.filter(isFiring).map(({ name, summary }) => `Alert ${name}${summary === '' ? '' : `: ${summary}`}`),
    ...items.map(actionLine),
    ...(incident.decision === undefined
      ? []
      : [`Decision: ${incident.decision.verdict}${reason(incident.decision.reason)}`]),
  ].join('\n')
}

export function featureLines(features: readonly Contribution[]): string[] {
  return features.slice(0, FEATURES_SHOWN).map(({ feature, actual, expected, share }) => {
    return `  ${feature}: ${rounded(actual)}, expected ${rounded(expected)} (${Math.round(share * 100)} % of it)`
  })
}

function actionLine({ action, state, reason: why, createdAt }: Action): string {
  const words = state.toLowerCase().replaceAll('_', ' ')
  return `${shortTime(createdAt)} ${action}: ${words}${reason(why === 'unknown' ? '' : why)}`
}

function reason(text: string): string {
  return text === '' ? '' : ` (${text})`
}
