import type { Daemon } from './daemon.ts'

type Labels = Readonly<Record<string, string>>

/** An alert in Alertmanager's words. */
export interface SentAlert {
  readonly labels: Labels
  readonly status?: 'firing' | 'resolved'
  readonly startsAt?: Date
  readonly endsAt?: Date
}

/** What a message of alerts says beside them. */
export interface Envelope {
  readonly truncatedAlerts?: number
  readonly notification_reason?: string
}

const FIRING = '0001-01-01T00:00:00Z'

/** A message as Alertmanager posts it; alerts fire since now unless they say otherwise. */
export function alertMessage(alerts: readonly SentAlert[], envelope: Envelope = {}): string {
  const now = new Date()
  return JSON.stringify({
    version: '4',
    groupKey: '{}:{}',
    truncatedAlerts: 0,
    status: alerts.some(({ status }) => status !== 'resolved') ? 'firing' : 'resolved',
    receiver: 'homeostat',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager',
    alerts: alerts.map(({ labels, status = 'firing', startsAt = now, endsAt }) => ({
      status,
      labels,
      annotations: {},
      startsAt: startsAt.toISOString(),
      endsAt: endsAt?.toISOString() ?? (status === 'firing' ? FIRING : now.toISOString()),
      generatorURL: '',
      fingerprint: 'f',
    })),
    ...envelope,
  })
}

export function sendAlerts(
  { url }: Pick<Daemon, 'url'>,
  alerts: readonly SentAlert[],
  envelope?: Envelope,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}/api/v1/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: alertMessage(alerts, envelope),
  })
}

/** `GET /api/v1/actions/{id}`, what the tests read of it. */
export interface ActionAnswer {
  readonly id: string
  readonly target: string
  readonly action: string
  readonly state: string
  readonly mode: string
  readonly rule: string
  readonly reason: string
  readonly created_at: string
}

/** `GET /api/v1/incidents/{id}`, what the tests read of it. */
export interface IncidentAnswer {
  readonly id: string
  readonly target: string
  readonly state: string
  readonly opened_at: string
  readonly closed_at: string | null
  readonly alerts: readonly { readonly name: string; readonly status: string; readonly labels: Labels }[]
  readonly actions: readonly ActionAnswer[]
  readonly timeline: readonly {
    readonly at: string
    readonly kind: string
    readonly by: string
    readonly text: string
    readonly data: Readonly<Record<string, unknown>>
  }[]
}

/** All incidents and actions of a daemon, whole. */
export function bookOf({ url }: Pick<Daemon, 'url'>, headers: Readonly<Record<string, string>> = {}) {
  async function get<T>(path: string): Promise<T> {
    const answer = await fetch(`${url}/api/v1/${path}`, { headers })
    if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const actions = async () => (await get<{ items: ActionAnswer[] }>('actions?limit=1000')).items
  const incidents = async () => (await get<{ items: IncidentAnswer[] }>('incidents?limit=1000')).items
  const incident = (id: string) => get<IncidentAnswer>(`incidents/${id}`)
  return {
    actions,
    incidents,
    incident,
    /** Oldest first. */
    actionsOn: async (target: string) => (await actions()).filter((one) => one.target === target).reverse(),
    /** The newest incident of a target, with its course. */
    async incidentOf(target: string): Promise<IncidentAnswer | undefined> {
      const found = (await incidents()).find((one) => one.target === target)
      return found && incident(found.id)
    },
  }
}
