import type { Taken } from '../../api/remediation.ts'
import type { Incident } from '../../domain/incident.ts'
import type { ChatReply, Person } from '../../notify/answers.ts'
import { type Press, readPress } from '../../notify/press.ts'
import { type ChatDependencies, mayAct, refused, said } from './dependencies.ts'
import { issueNonce, readPage } from './nonces.ts'
import { silenceIncident } from './silence.ts'
import { incidentPage, whyText } from './texts.ts'
import { shortTime } from './words.ts'

const HOUR_MS = 3_600_000

const NOT_USED = {
  used: 'This button has been pressed already.',
  unknown: 'This button is not known: use one of a newer message.',
  expired: 'This button had expired, and nothing was done.',
} as const

/** What a press does. A nonce is used up by whoever is first; what it stands for is read from our side alone. */
export async function press(nonce: string, person: Person, dependencies: ChatDependencies): Promise<ChatReply> {
  const { nonces, clock, receivers } = dependencies
  const used = await nonces.useNonce(nonce, clock.now())
  const { content = '' } = used
  const before = readPage(content)
  if (before !== undefined) return incidentPage(before, dependencies)
  const pressed = readPress(content)
  if (pressed === undefined || !receivers.includes(pressed.receiver)) return refused(NOT_USED.unknown)
  // Looking changes nothing: it may be done again and again.
  if (pressed.kind === 'why') return why(pressed, dependencies)
  const renew = () => issueNonce(nonces, content, clock.now())
  if (!mayAct(person, 'operate')) {
    // It was not theirs to use up.
    const renewed = 'refused' in used ? undefined : await renew()
    return { ...refused(`You may look, but not act: your role is ${person.role}.`), renewed }
  }
  if ('refused' in used) {
    if (used.refused !== 'expired') return refused(NOT_USED[used.refused])
    return { ...refused(`${NOT_USED.expired} It is good again now: press it once more.`), renewed: await renew() }
  }
  try {
    return await act(pressed, person, dependencies)
  } catch (error) {
    const renewed = await renew().catch(() => undefined)
    if (renewed === undefined) throw error
    return { ...refused('The store cannot be used now: press again in a moment.'), renewed }
  }
}

async function why({ incidentId = '' }: Press, dependencies: ChatDependencies): Promise<ChatReply> {
  const incident = await dependencies.incidents.get(incidentId)
  return incident === undefined ? refused(GONE) : said(await whyText(incident, dependencies))
}

const GONE = 'This incident is no longer kept.'

async function act(pressed: Press, person: Person, dependencies: ChatDependencies): Promise<ChatReply> {
  const { remediation, incidents } = dependencies
  const { kind, actionId = '', incidentId: id = '' } = pressed
  switch (kind) {
    case 'approve':
      return onAction(await remediation.approve(actionId, person.by), `Approved by ${person.by}`)
    case 'deny':
      return onAction(await remediation.deny(actionId, person.by), `Denied by ${person.by}`)
    case 'freeze': {
      const { by, reason } = await remediation.freeze('the button was pressed', person.by)
      return said(`Frozen by ${by} (${reason}): nothing is done until an admin says unfreeze.`)
    }
    case 'useful':
    case 'not_useful': {
      const judged = await incidents.judge(id, kind === 'useful', person.by)
      if (judged === undefined) return refused(GONE)
      return { ...said(`Noted: ${kind === 'useful' ? 'useful' : 'not useful'}.`), shared: false }
    }
    default: {
      const incident = await incidents.get(id)
      if (incident === undefined) return refused(GONE)
      const end = endOf(incident)
      if (end !== undefined) return refused(`${incident.target} ${end}: there is nothing left to ${kind}.`, true)
      if (kind === 'silence') return silenceIncident(incident, HOUR_MS, person, dependencies)
      return acknowledge(incident, person, dependencies)
    }
  }
}

function onAction(taken: Taken, done: string): ChatReply {
  if (taken.ok) return said(`${done}: ${taken.action.action} of ${taken.action.target}.`)
  if (taken.why === 'not_found') return refused('This action is no longer kept.', true)
  const { action, target } = taken.action
  return refused(`Nothing was done: ${action} of ${target} does not wait for an answer, ${taken.text}.`, true)
}

async function acknowledge(before: Incident, person: Person, { incidents }: ChatDependencies): Promise<ChatReply> {
  if (before.acknowledgedAt !== undefined) {
    const by = before.timeline.findLast(({ kind }) => kind === 'acknowledged')?.by ?? 'somebody'
    return refused(`${by} has acknowledged ${before.target} already.`)
  }
  const after = await incidents.acknowledge(before.id, person.by)
  return after === undefined ? refused(GONE) : said(`${person.by} has acknowledged ${after.target}.`)
}

function endOf({ state, endedAt }: Incident): string | undefined {
  if (state !== 'recovered' && state !== 'closed') return undefined
  return endedAt === undefined ? 'is well again' : `has been well again since ${shortTime(endedAt)}`
}
