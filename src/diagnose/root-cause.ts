import type { Cause } from '../domain/diagnosis.ts'
import type { Contribution } from '../domain/verdict.ts'
import type { Topology } from './topology.ts'

/** A target that is ill now, or was until just now. */
export interface Suffering {
  readonly target: string
  /** Undefined for a target that is no service of the topology: it explains nobody, and nobody explains it. */
  readonly service: string | undefined
  /** Since when, ms since the epoch. */
  readonly since: number
  /** When it ended; undefined while it lasts. What ended explains what began before. */
  readonly until?: number
  /** In units of the threshold; NaN where only alerts speak. */
  readonly level: number
  /** Strongest first; empty where only alerts speak. */
  readonly contributions: readonly Contribution[]
  /** What it is called when looked at alone. */
  readonly cause: Cause
}

/** Where the trouble of a target is believed to sit. */
export interface RootCause {
  readonly target: string
  /** From the target to the root, both included; the target alone where it is its own root. */
  readonly path: readonly string[]
  /** 0–1: how much more speaks for the root than for the target itself. */
  readonly confidence: number
  /** Of the root, ≥ 0: the highest is the first suspect. */
  readonly rank: number
}

/** What a service passes on to those that call it. */
const PASSED_UP: ReadonlySet<string> = new Set(['request_latency_ms', 'request_latency_p95_ms', 'error_rate_percent'])
/** What it passes on to those that it calls. */
const PASSED_DOWN: ReadonlySet<string> = new Set(['requests_per_second'])
/** Causes that may well come from elsewhere, for targets of which only alerts speak. */
const PASSED_CAUSES: ReadonlySet<Cause> = new Set(['latency', 'high_error_rate', 'dependency_failing', 'unknown'])
/** From this share on a sign is passed on. */
const LEAST_SHARE = 0.1
/** A resource that is used less than usual says little about what is wrong. */
const LESS_USED = 0.25
/** Causes that nobody else can be to blame for … */
const OWN_CAUSES: ReadonlySet<Cause> = new Set([
  'cpu_saturation',
  'memory_leak',
  'memory_pressure',
  'disk_filling',
  'disk_saturation',
  'crash_loop',
])
/** … where so much of the signs are its own; without such a cause, so much more. */
const OWN_SHARE = 0.2
const MOSTLY_OWN = 0.6
/** How much later the cause may be noticed than its effect: detectors need more readings for one than for the other. */
const SLACK_MS = 60_000

interface Signs {
  readonly sick: Suffering
  /** Shares of what is passed up, of what is passed down, and of the target's own; together at most 1. */
  readonly up: number
  readonly down: number
  readonly own: number
  /** What its callers get to feel, 0–1: `up`, and everything where only alerts speak. */
  readonly felt: number
  /** 1 for more requests than usual, −1 for fewer. */
  readonly traffic: number
}

/** By index. */
interface Explainers {
  readonly up: readonly number[]
  readonly down: readonly number[]
}

/**
 * Says of each target that is ill where the cause sits. Slowness and errors of a service are explained by one that it
 * calls and that shows them, too; a change of traffic by a caller with the same change; everything else is its own. What
 * nobody explains, times how strong it is, makes the rank, and each target has the root of the highest rank among those
 * that explain it, directly or through others.
 *
 * @returns by target; a target that is its own root is listed, too
 */
export function rootCauses(all: readonly Suffering[], topology: Topology): ReadonlyMap<string, RootCause> {
  const signs = all.map(signsOf)
  const explainers = explainersAmong(signs, topology)
  const left = signs.map((one, i) => leftOver(one, explainers[i], signs))
  const ranks = signs.map(({ sick }, i) => left[i] * strength(sick))
  const effects: number[][] = signs.map(() => [])
  for (const [i, { up, down }] of explainers.entries())
    if (!isOwn(signs[i], left[i])) for (const cause of [...up, ...down]) effects[cause].push(i)

  const order = signs.map((_, i) => i).sort((a, b) => ranks[b] - ranks[a] || earlier(all[a], all[b]))
  const next: (number | undefined)[] = signs.map(() => undefined)
  const root: (number | undefined)[] = signs.map(() => undefined)
  for (const candidate of order) {
    if (root[candidate] !== undefined) continue
    root[candidate] = candidate
    const queue = [candidate]
    for (const at of queue) {
      for (const effect of effects[at]) {
        if (root[effect] !== undefined) continue
        root[effect] = candidate
        next[effect] = at
        queue.push(effect)
      }
    }
  }
  return new Map(all.map(({ target }, i) => [target, describe(i, root[i]!, next, ranks, all)]))
}

function describe(
  i: number,
  root: number,
  next: readonly (number | undefined)[],
  ranks: readonly number[],
  all: readonly Suffering[],
): RootCause {
  const path: string[] = []
  for (let at: number | undefined = i; at !== undefined; at = next[at]) path.push(all[at].target)
  const confidence = root === i ? 1 : ranks[root] / (ranks[root] + ranks[i] + Number.MIN_VALUE)
  return { target: all[root].target, path, confidence, rank: ranks[root] }
}

/** Who was ill first; of equals the stronger, then the name, so that the order never depends on who was told first. */
function earlier(a: Suffering, b: Suffering): number {
  return a.since - b.since || strength(b) - strength(a) || (a.target < b.target ? -1 : 1)
}

function signsOf(sick: Suffering): Signs {
  let [up, down, own, sum, traffic] = [0, 0, 0, 0, 0]
  for (const { feature, share, actual, expected } of sick.contributions) {
    if (!(share > 0)) continue
    const rise = actual - expected
    sum += share
    // To be fast and free of errors is no trouble.
    if (PASSED_UP.has(feature)) up += rise < 0 ? 0 : share
    else if (PASSED_DOWN.has(feature)) {
      down += share
      traffic = Math.sign(rise) || 0
    } else own += rise < 0 ? LESS_USED * share : share
  }
  if (sum > 0) return { sick, up: up / sum, down: down / sum, own: own / sum, felt: up / sum, traffic }
  const passed = PASSED_CAUSES.has(sick.cause)
  return { sick, up: passed ? 1 : 0, down: 0, own: passed ? 0 : 1, felt: 1, traffic: 0 }
}

/** By index, for each target: the called that explain what is passed up, and the callers that explain its traffic. */
function explainersAmong(signs: readonly Signs[], topology: Topology): readonly Explainers[] {
  const byService = new Map<string, number[]>()
  for (const [i, { sick }] of signs.entries()) {
    if (sick.service === undefined) continue
    const members = byService.get(sick.service)
    if (members === undefined) byService.set(sick.service, [i])
    else members.push(i)
  }
  const among = (services: readonly string[]) => services.flatMap((service) => byService.get(service) ?? [])
  return signs.map((one) => {
    const { service } = one.sick
    if (service === undefined) return NOTHING
    const called = one.up === 0 ? [] : among(topology.calledBy(service))
    const callers = one.down === 0 ? [] : among(topology.callersOf(service))
    return {
      up: called.filter((i) => explainsUp(signs[i]) && inTime(signs[i], one)),
      down: callers.filter((i) => explainsDown(signs[i], one) && inTime(signs[i], one)),
    }
  })
}

const NOTHING: Explainers = { up: [], down: [] }

function explainsUp({ felt }: Signs): boolean {
  return felt >= LEAST_SHARE
}

function explainsDown(caller: Signs, called: Signs): boolean {
  return caller.down >= LEAST_SHARE && caller.traffic === called.traffic && caller.traffic !== 0
}

function inTime({ sick: cause }: Signs, { sick: effect }: Signs): boolean {
  return cause.since <= effect.since + SLACK_MS && !(cause.until !== undefined && effect.since > cause.until)
}

/** Whether a target has trouble of its own, whatever else it suffers from. */
function isOwn({ own, sick }: Signs, left: number): boolean {
  return left > MOSTLY_OWN || (own >= OWN_SHARE && OWN_CAUSES.has(sick.cause))
}

/** Share of its signs, 0–1, that nobody else explains. */
function leftOver(one: Signs, explainers: Explainers, signs: readonly Signs[]): number {
  const { up, down, own } = one
  const left = up * unexplained(up, one, explainers.up, ({ felt }) => felt, signs)
  const leftDown = down * unexplained(down, one, explainers.down, ({ down }) => down, signs)
  return own + left + leftDown
}

/** Trouble may grow by so much from one service to the next, with retries and calls in a row; a weak sign does not explain a strong one. */
const AMPLIFICATION = 2

/** Share of a sign, 0–1, that those who explain it leave over. */
function unexplained(
  share: number,
  { sick }: Signs,
  explainers: readonly number[],
  shareOf: (signs: Signs) => number,
  signs: readonly Signs[],
): number {
  const size = share * levelOf(sick)
  const explained = explainers.reduce((sum, i) => sum + shareOf(signs[i]) * levelOf(signs[i].sick), 0)
  return size === 0 ? 0 : Math.max(0, 1 - (AMPLIFICATION * explained) / size)
}

/** Grows with the level, ever more slowly: twice the level is not twice the cause. */
function strength(sick: Suffering): number {
  return Math.log2(1 + levelOf(sick))
}

/** Where only alerts speak it is taken for an alarm like any other. */
function levelOf({ level }: Suffering): number {
  return Number.isNaN(level) ? 1 : Math.max(level, 0)
}
