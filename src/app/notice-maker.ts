import type { Config } from '../config/resolve.ts'
import type { Incident } from '../domain/incident.ts'
import { severityWord } from '../domain/incident-severity.ts'
import type { Message } from '../domain/message.ts'
import { offersOf } from '../notify/buttons.ts'
import type { DrawChart } from '../notify/chart.ts'
import type { LevelPoint } from '../notify/chart-svg.ts'
import { composeNotice, type IncidentMatter, type Matter } from '../notify/compose.ts'
import type { Button, Notice, NoticeLink } from '../notify/notice.ts'
import type { Capabilities } from '../notify/notifier.ts'
import { writePress } from '../notify/press.ts'
import { readTemplates } from '../notify/templates.ts'
import type { Journal, JournalEntries } from '../pipeline/journal.ts'
import type { Outbox } from '../pipeline/outbox.ts'
import type { Bulletin, Dispatch } from '../pipeline/receivers.ts'
import { standingMessage } from '../pipeline/tell-dependencies.ts'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'

const ACTIONS_READ = 10
/** Incidents of a group that a message is made of. */
const GROUP_READ = 100

/** Levels of a target, oldest first; none of one that is not known. */
export interface Levels {
  of(target: string): readonly LevelPoint[]
}

export interface NoticeMakerDependencies {
  readonly store: Journal & Outbox
  readonly dispatch: Dispatch
  readonly clock: Clock
  readonly logger: Logger
  readonly levels: Levels
  readonly drawChart: DrawChart
  /** One-time tokens that nobody can guess. */
  readonly newNonce: () => string
}

/** Makes what a receiver shows, from how the incidents of a bulletin stand now. */
export type MakeNotice = (receiver: string, bulletin: Bulletin, can: Capabilities) => Promise<Notice>

export function createNoticeMaker(config: Config['notifications'], dependencies: NoticeMakerDependencies): MakeNotice {
  const { store, dispatch, clock, logger, levels, drawChart, newNonce } = dependencies
  const templates = readTemplates(config.templates)
  const builtIn = readTemplates({})

  /** Those of the messages, the newest event's first, and whoever else is in their group now. */
  async function mattersOf(entries: JournalEntries, receiver: string, bulletin: Bulletin): Promise<IncidentMatter[]> {
    const ids = new Set(bulletin.messages.map(({ incidentId }) => incidentId).reverse())
    const found: Incident[] = []
    for (const id of ids) {
      const incident = id === undefined ? undefined : await entries.incident(id)
      if (incident !== undefined) found.push(incident)
    }
    if (bulletin.groupKey.startsWith('{"group"')) {
      const inGroup = (incident: Incident) =>
        dispatch(standingMessage(incident, clock.now())).some(
          (leg) => leg.receiver === receiver && leg.groupKey === bulletin.groupKey,
        )
      const others = (await entries.ongoing()).filter((one) => !ids.has(one.id) && inGroup(one))
      found.push(...others.slice(0, GROUP_READ))
    }
    const matters: IncidentMatter[] = []
    for (const incident of found) {
      const actions = await entries.actions({ incidentId: incident.id, limit: ACTIONS_READ })
      matters.push({ incident, severity: severityWord(incident), actions })
    }
    return matters
  }

  async function buttonsFor(receiver: string, messages: readonly Message[], incidents: readonly IncidentMatter[]) {
    const buttons: Button[] = []
    for (const { label, press, expiresAt } of offersOf(receiver, messages, incidents, clock.now())) {
      const nonce = newNonce()
      await store.issueNonce(nonce, writePress(press), expiresAt)
      buttons.push({ kind: press.kind, label, nonce })
    }
    return buttons
  }

  /** A picture is worth having, but not worth a message. */
  async function chartOf({ incident, actions }: IncidentMatter): Promise<Uint8Array | undefined> {
    const points = levels.of(incident.target)
    if (points.length < 2) return undefined
    const { target, openedAt: detectedAt, endedAt: recoveredAt } = incident
    const begun = actions.flatMap(({ startedAt, action }) =>
      startedAt === undefined ? [] : [{ at: startedAt, label: action }],
    )
    try {
      return await drawChart({ target, points, detectedAt, recoveredAt, actions: begun })
    } catch (err) {
      logger.warn({ err, target }, 'a chart cannot be drawn')
      return undefined
    }
  }

  function composed(matter: Matter): Notice {
    try {
      return composeNotice(matter, templates)
    } catch (error) {
      const { message } = error as Error
      logger.error({ problem: message }, 'a template cannot be rendered: the built-in one stands in')
      return composeNotice(matter, builtIn)
    }
  }

  return async (receiver, bulletin, can) => {
    const { messages, attention } = bulletin
    const incidents = await store.transaction((entries) => mattersOf(entries, receiver, bulletin))
    const [first] = incidents
    const alone = first !== undefined && incidents.length === 1
    return composed({
      key: bulletin.groupKey,
      messages,
      attention,
      incidents,
      buttons: can.buttons ? await buttonsFor(receiver, messages, incidents) : [],
      links: linksOf(config, alone ? first.incident : undefined, clock.now()),
      chart: can.picture && alone ? await chartOf(first) : undefined,
    })
  }
}

const AROUND_MS = 30 * 60_000

function linksOf(
  { dashboard_url: dashboard, grafana_url: grafana }: Config['notifications'],
  incident: Incident | undefined,
  now: number,
): NoticeLink[] {
  const links: NoticeLink[] = []
  if (dashboard !== undefined) {
    const base = dashboard.replace(/\/+$/, '')
    const url = incident === undefined ? `${base}/` : `${base}/#/incidents/${encodeURIComponent(incident.id)}`
    links.push({ label: 'Dashboard', url })
  }
  if (grafana !== undefined && incident !== undefined) {
    const query = new URLSearchParams()
    for (const name of ['instance', 'job']) {
      if (Object.hasOwn(incident.labels, name)) query.set(`var-${name}`, incident.labels[name])
    }
    query.set('from', String(incident.openedAt - AROUND_MS))
    query.set('to', String(Math.min(now, (incident.endedAt ?? now) + AROUND_MS)))
    links.push({ label: 'Grafana', url: `${grafana}?${query.toString()}` })
  }
  return links
}
