import type { EventKind, Message } from '../../domain/message.ts'
import { isWithin, type TimeInterval } from './time-interval.ts'

export type Labels = Readonly<Record<string, string>>

/** One node of the tree, what it leaves open taken from its parent. */
export interface Route {
  readonly receiver: string
  readonly matches: (labels: Labels) => boolean
  /** Empty: all. */
  readonly kinds: readonly EventKind[]
  /** Names of labels; `...` alone: each incident by itself. */
  readonly groupBy: readonly string[]
  readonly groupWaitMs: number
  readonly groupIntervalMs: number
  /** 0: never. */
  readonly repeatIntervalMs: number
  /** Go on with the next sibling. */
  readonly goOn: boolean
  readonly muted: readonly TimeInterval[]
  /** Empty: always. */
  readonly active: readonly TimeInterval[]
  readonly routes: readonly Route[]
}

/** The group label that stands for all labels, as in Alertmanager. */
export const ALL_LABELS = '...'

/**
 * The routes that a message takes, as Alertmanager finds them: the deepest nodes that match, the first of each level
 * unless it says to go on; a node none of whose children match takes it itself. Each receiver once.
 */
export function routesOf(root: Route, message: Message): readonly Route[] {
  const labels = routingLabels(message)
  const found = matching(root, message.kind, labels)
  return found.filter((route, i) => found.findIndex(({ receiver }) => receiver === route.receiver) === i)
}

function matching(route: Route, kind: EventKind, labels: Labels): readonly Route[] {
  if (!takes(route, kind, labels)) return []
  const found: Route[] = []
  for (const child of route.routes) {
    const below = matching(child, kind, labels)
    found.push(...below)
    if (below.length > 0 && !child.goOn) break
  }
  return found.length === 0 ? [route] : found
}

function takes({ kinds, matches }: Route, kind: EventKind, labels: Labels): boolean {
  return (kinds.length === 0 || kinds.includes(kind)) && matches(labels)
}

/** Labels of the target and its alert, and ours: `severity` is one of our four words, whatever an alert says. */
export function routingLabels({ labels, severity, kind, target }: Message): Labels {
  return { ...labels, severity, kind, ...(target === undefined ? {} : { target }) }
}

/** What is told in one message has the same key. */
export function groupKeyOf({ groupBy }: Route, message: Message): string {
  const { incidentId, labels } = message
  if (incidentId === undefined) return JSON.stringify({ message: message.key })
  if (groupBy.includes(ALL_LABELS)) return JSON.stringify({ incident: incidentId })
  const all = { ...labels, severity: message.severity, target: message.target ?? '' }
  const values = groupBy.map((name) => [name, Object.hasOwn(all, name) ? all[name as keyof typeof all] : ''])
  return JSON.stringify({ group: values })
}

/** Whether a route is silent at a time. @param at ms since the epoch */
export function isMuted({ muted, active }: Route, at: number): boolean {
  return isWithin(muted, at) || (active.length > 0 && !isWithin(active, at))
}
