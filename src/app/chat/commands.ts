import { readDuration } from '../../api/duration.ts'
import type { Incident } from '../../domain/incident.ts'
import type { ChatReply, ChatRole, Person } from '../../notify/answers.ts'
import { type ChatDependencies, mayAct, refused, said } from './dependencies.ts'
import { silenceIncident } from './silence.ts'
import { featureLines, incidentPage, statusText, whyText } from './texts.ts'
import { ago, rounded } from './words.ts'

export interface SpokenCommand {
  readonly name: string
  readonly words: readonly string[]
  readonly person: Person
  /** ms since the epoch */
  readonly at: number
}

/** What was said while nobody listened is not done so much later, but for a freeze. */
const STALE_MS = 10 * 60_000
const HOUR_MS = 3_600_000
const LONGEST_SILENCE_MS = 30 * 24 * HOUR_MS
const LONGEST_REASON = 500

interface Command {
  readonly needs: ChatRole
  readonly run: (spoken: SpokenCommand, dependencies: ChatDependencies) => Promise<ChatReply> | ChatReply
}

const COMMANDS: Readonly<Record<string, Command>> = {
  status: { needs: 'read', run: async (_, dependencies) => said(await statusText(dependencies)) },
  incidents: { needs: 'read', run: (_, dependencies) => incidentPage(undefined, dependencies) },
  why: { needs: 'read', run: why },
  silence: { needs: 'operate', run: silence },
  freeze: { needs: 'operate', run: freeze },
  unfreeze: { needs: 'admin', run: unfreeze },
  help: { needs: 'read', run: () => said(HELP) },
  start: { needs: 'read', run: () => said(HELP) },
}

const HELP = `/status: how things stand
/incidents: incidents, newest first
/why HOST: what is wrong with it
/silence HOST [1h]: no action and no message for so long
/freeze [REASON]: stop all actions
/unfreeze [REASON]: let actions go on
/help: this list
In Slack: /homeostat status, and so on.
HOST is a target such as web-1:9100@node, or enough of it to tell it from others.`

export async function runCommand(spoken: SpokenCommand, dependencies: ChatDependencies): Promise<ChatReply> {
  const { name, person, at } = spoken
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) return refused('I do not know this command: /help lists them.', true)
  if (!mayAct(person, command.needs)) {
    return refused(`Your role is ${person.role}: /${name} needs the role ${command.needs}.`, true)
  }
  const age = dependencies.clock.now() - at
  if (age > STALE_MS && command.needs !== 'read' && name !== 'freeze') {
    return refused(`This was said ${ago(age)} ago, while I did not listen: say it again if it still holds.`, true)
  }
  return command.run(spoken, dependencies)
}

async function freeze({ words, person }: SpokenCommand, { remediation }: ChatDependencies): Promise<ChatReply> {
  const { by, reason } = await remediation.freeze(reasonIn(words), person.by)
  return said(`Frozen by ${by} (${reason}): nothing is done until an admin says unfreeze.`)
}

async function unfreeze({ words, person }: SpokenCommand, { remediation }: ChatDependencies): Promise<ChatReply> {
  const reason = reasonIn(words)
  const left = await remediation.unfreeze(person.by, reason)
  if (left !== undefined) return refused(`Still frozen by ${left.by}: ${left.reason}.`, true)
  return said(reason === '' ? `Unfrozen by ${person.by}.` : `Unfrozen by ${person.by}: ${reason}.`)
}

function reasonIn(words: readonly string[]): string {
  return words.join(' ').slice(0, LONGEST_REASON).toWellFormed()
}

async function why({ words }: SpokenCommand, dependencies: ChatDependencies): Promise<ChatReply> {
  const found = await findTarget(words[0], dependencies)
  if ('text' in found) return found
  if (found.incident !== undefined) return said(await whyText(found.incident, dependencies))
  const detail = dependencies.fleet.detail(found.target)
  if (detail === undefined) return said(`Nothing is known of ${found.target} yet.`)
  const { level, state } = detail.verdict
  return said(
    [`${found.target}: ${state}, level ${rounded(level)}, no incident`, ...featureLines(detail.features)].join('\n'),
  )
}

async function silence({ words, person }: SpokenCommand, dependencies: ChatDependencies): Promise<ChatReply> {
  const forMs = words[1] === undefined ? HOUR_MS : readDuration(words[1])
  if (forMs === undefined || forMs < 1000 || forMs > LONGEST_SILENCE_MS) {
    return refused('For how long? For example /silence web-1 2h, at most 30d.', true)
  }
  const found = await findTarget(words[0], dependencies)
  if ('text' in found) return found
  if (found.incident === undefined) return refused(`${found.target} has no incident that could be silenced.`, true)
  return silenceIncident(found.incident, forMs, person, dependencies)
}

interface Found {
  readonly target: string
  /** The newest. */
  readonly incident?: Incident
}

const CANDIDATES_SHOWN = 8

/** The target that a person means: by its id, its instance, its host, or a beginning that only one has. */
async function findTarget(
  word: string | undefined,
  { fleet, incidents }: ChatDependencies,
): Promise<Found | ChatReply> {
  if (word === undefined) return refused('Which host? For example web-1.', true)
  const recent = (await incidents.list({ limit: 200 })).items
  const known = [...new Set([...[...fleet.verdicts()].map(({ target }) => target.id), ...recent.map((i) => i.target)])]
  const instance = (id: string) => id.slice(0, id.lastIndexOf('@'))
  const host = (id: string) => instance(id).replace(/:\d+$/, '')
  const ways: ((id: string) => boolean)[] = [
    (id) => id === word,
    (id) => instance(id) === word,
    (id) => host(id) === word,
    (id) => id.startsWith(word),
  ]
  const fitting = ways.map((way) => known.filter(way)).find(({ length }) => length > 0) ?? []
  if (fitting.length === 0) return refused(`No target ${word.slice(0, 100)} is known: /status counts them.`, true)
  if (fitting.length > 1) {
    const more = fitting.length > CANDIDATES_SHOWN ? ', …' : ''
    return refused(`Which of them: ${fitting.slice(0, CANDIDATES_SHOWN).join(', ')}${more}?`, true)
  }
  const [target] = fitting
  const { items } = await incidents.list({ target, limit: 1 })
  return { target, incident: items[0] }
}
