import { existsSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import type { Action } from '../../src/domain/action.ts'
import { isSettled } from '../../src/domain/action.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { Postgres } from '../support/postgres.ts'

/** What is in the store, read beside the product. */
export interface Books {
  readonly incidents: readonly Incident[]
  readonly actions: readonly Action[]
  /** Actions of which nobody knew, at some time, whether they had happened. */
  readonly unknown: ReadonlySet<string>
}

type Ask = (statement: string) => Promise<readonly Record<string, unknown>[]> | Record<string, unknown>[]

const UNKNOWN = `select subject from audit where kind = 'action' and data like '%"to":"UNKNOWN"%'`

async function read(ask: Ask): Promise<Books> {
  const documents = async (statement: string) =>
    (await ask(statement)).map(({ document, ...columns }) => ({ ...JSON.parse(String(document)), ...columns }))
  const lists = async (name: 'alerts' | 'timeline') =>
    Map.groupBy(
      await ask(`select incident_id, document from incident_${name} order by incident_id, place`),
      ({ incident_id }) => incident_id,
    )
  const parts = { alerts: await lists('alerts'), timeline: await lists('timeline') }
  const items = (name: keyof typeof parts, id: string) =>
    (parts[name].get(id) ?? []).map(({ document }) => JSON.parse(String(document)))
  const heads = await documents('select document from incidents')
  return {
    incidents: heads.map((one) => ({ ...one, alerts: items('alerts', one.id), timeline: items('timeline', one.id) })),
    actions: await documents('select document, state from actions'),
    unknown: new Set((await ask(UNKNOWN)).map(({ subject }) => String(subject))),
  }
}

export async function readSqlite(file: string): Promise<Books> {
  if (!existsSync(file)) return { incidents: [], actions: [], unknown: new Set() }
  const db = new Sqlite(file, { readonly: true })
  try {
    return await read((statement) => db.prepare(statement).all() as Record<string, unknown>[])
  } finally {
    db.close()
  }
}

export function readPostgres({ admin }: Pick<Postgres, 'admin'>): Promise<Books> {
  return read(async (statement) => (await admin(statement)).rows)
}

/** What a run came to; `doubles` and `losses` say one line for each thing that must not be. */
export interface Reckoning {
  readonly counts: Readonly<Record<string, number | string>>
  readonly doubles: readonly string[]
  readonly losses: readonly string[]
}

interface Run {
  readonly books: Books
  readonly effects: readonly string[]
  readonly fired: ReadonlySet<string>
  readonly resolved: ReadonlySet<string>
  readonly acknowledged: number
}

const instanceOf = ({ target }: { target: string }) => target.slice(0, target.lastIndexOf('@'))

/** Holds the sender's word, the store's word and the effects against each other. */
export function reckon({ books, effects, fired, resolved, acknowledged }: Run): Reckoning {
  const byInstance = Map.groupBy(books.actions, instanceOf)
  const incidents = new Map(books.incidents.map((incident) => [instanceOf(incident), incident]))
  const done = Map.groupBy(effects, (instance) => instance)
  const [doubles, losses]: [string[], string[]] = [[], []]
  for (const [instance, times] of done) {
    if (times.length > 1) doubles.push(`${instance}: done ${times.length} times`)
    const begun = (byInstance.get(instance) ?? []).filter(({ startedAt }) => startedAt !== undefined)
    if (begun.length === 0) doubles.push(`${instance}: done, and the ledger knows of no start`)
  }
  for (const [instance, actions] of byInstance) {
    const begun = actions.filter(({ startedAt }) => startedAt !== undefined)
    if (begun.length > 1) doubles.push(`${instance}: begun ${begun.length} times`)
  }
  for (const instance of fired) {
    const incident = incidents.get(instance)
    const actions = byInstance.get(instance) ?? []
    if (incident === undefined) losses.push(`${instance}: acknowledged, and there is no incident`)
    else if (incident.alerts.length === 0) losses.push(`${instance}: an incident without its alert`)
    else if (resolved.has(instance) && incident.alerts.some(({ status }) => status === 'firing'))
      losses.push(`${instance}: its end was acknowledged, and it still fires`)
    if (!actions.some(({ startedAt, state }) => startedAt !== undefined && isSettled({ state } as Action)))
      losses.push(`${instance}: nothing was done (${actions.map(({ state, reason }) => `${state} ${reason}`)})`)
  }
  for (const { id, state, startedAt, reason, ...action } of books.actions) {
    if (!isSettled({ state } as Action)) losses.push(`${id} is still ${state}: ${reason}`)
    const told = startedAt !== undefined && state === 'VERIFIED' && !books.unknown.has(id)
    if (told && !done.has(instanceOf(action))) losses.push(`${id} is called a success, and nothing happened`)
  }
  const happened = books.actions.filter((action) => books.unknown.has(action.id) && done.has(instanceOf(action)))
  const counts = {
    'webhooks acknowledged': acknowledged,
    'incidents stored': books.incidents.length,
    effects: effects.length,
    'ended UNKNOWN': books.unknown.size,
    '  of these had happened': happened.length,
    verified: books.actions.filter(({ state }) => state === 'VERIFIED').length,
    doubles: doubles.length,
    losses: losses.length,
  }
  return { counts, doubles, losses }
}

/** What is still open: actions without an end, alerts that nothing was done about. Empty when all is done. */
export function openEnds({ incidents, actions }: Books, fired: ReadonlySet<string>): string[] {
  const open = actions.filter((action) => !isSettled(action))
  const begun = new Set(actions.filter(({ startedAt }) => startedAt !== undefined).map(instanceOf))
  const known = new Map(incidents.map((incident) => [instanceOf(incident), incident]))
  const idle = [...fired].filter((instance) => !begun.has(instance))
  return [
    ...open.map(({ target, state, reason, call }) => `${target} ${state}: ${reason} ${call}`),
    ...idle.map((instance) => {
      const { state, decision } = known.get(instance) ?? {}
      return `${instance}: ${state ?? 'no incident'}, ${decision?.verdict} ${decision?.guard}: ${decision?.reason}`
    }),
  ]
}
