import type { Config } from '../config/resolve.ts'
import type { Limits } from '../decide/guards/guard.ts'
import type { StandingPolicy } from '../decide/standing.ts'
import { compileMatchers, type LabelTest } from '../observe/matcher.ts'
import type { Policy } from '../pipeline/situation.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** Further back than the windows of nearly everybody. */
const LEAST_LOOK_BACK_MS = 2 * DAY_MS

type Remediation = Config['remediation']

/**
 * What the configuration says of guards, maintenance and protected targets.
 *
 * @param changes where the guards of rules differ
 */
export function policyOf(
  { remediation }: Config,
  changes: readonly Partial<Limits>[] = [],
): Omit<Policy, 'quietElsewhere' | 'unknownElsewhere'> {
  const general = limitsOf(remediation.guards)
  const windows = remediation.maintenance.windows.map((window) => ({ ...window, test: compileMatchers(window.match) }))
  const guarded = remediation.protected.map(compileMatchers)
  return {
    lookBackMs: Math.max(LEAST_LOOK_BACK_MS, ...[general, ...changes].flatMap((one) => [...reachesOf(one).values()])),
    limitsOf: (_group, _rule, changes) => ({
      ...general,
      ...changes,
      // A rule's rates come beside the general ones: it may be slower than all, never faster.
      rates: [...general.rates, ...(changes.rates ?? [])],
    }),
    windowOf: (labels, _group, at) => windows.find((window) => window.test(labels) && isWithin(window, at))?.text,
    protectedBy: ({ labels }) => (guarded.some((test) => test(labels)) ? 'remediation.protected names it' : undefined),
  }
}

/** The guards as they hold unless a rule says otherwise. */
export function limitsOf(guards: Remediation['guards']): Limits {
  const { cooldown, rates, group_rates } = guards
  return {
    maxDataAgeMs: guards.max_data_age,
    cleanCycles: guards.clean_cycles,
    soakCycles: guards.soak,
    maxStateChanges: guards.max_state_changes,
    maxUnhealthy: guards.max_unhealthy,
    breakerFrom: guards.breaker_from,
    rates: [
      ...rates.map((rate) => ({ ...rate, scope: 'all' as const })),
      ...group_rates.map((rate) => ({ ...rate, scope: 'group' as const })),
    ],
    concurrency: { target: 1, group: guards.concurrency.group, all: guards.concurrency.all },
    cooldown: { baseMs: cooldown.base, maxMs: cooldown.max },
    attempts: guards.attempts,
    selfStopAfter: guards.self_stop,
  }
}

/**
 * How far back guards look, by their names in the configuration, ms. A cooldown doubles along a chain of pauses, each up
 * to twice its maximum.
 */
export function reachesOf({ rates = [], attempts, cooldown }: Partial<Limits>): ReadonlyMap<string, number> {
  const reaches = new Map<string, number>()
  for (const { scope, windowMs } of rates) {
    const name = scope === 'group' ? 'group_rates' : 'rates'
    reaches.set(name, Math.max(windowMs, reaches.get(name) ?? 0))
  }
  if (attempts !== undefined) reaches.set('attempts', attempts.windowMs)
  if (cooldown !== undefined) reaches.set('cooldown', 4 * Math.max(cooldown.baseMs, cooldown.maxMs))
  return reaches
}

type Window = Pick<Remediation['maintenance']['windows'][number], 'days' | 'from' | 'lasts'> & {
  readonly test: LabelTest
}

/** Whether a window that begins at a time of day, UTC, on some days is open. A window may last for days. */
export function isWithin({ days, from, lasts }: Omit<Window, 'test'>, at: number): boolean {
  const [hours, minutes] = from.split(':').map(Number)
  const midnight = Math.floor(at / DAY_MS) * DAY_MS
  for (let begins = midnight + (hours * 60 + minutes) * MINUTE_MS; begins > at - lasts; begins -= DAY_MS) {
    const day = DAYS[new Date(begins).getUTCDay()]
    if (begins <= at && (days === undefined || days.some((one) => one === day))) return true
  }
  return false
}

export function standingOf({ remediation: { standing } }: Config): StandingPolicy {
  return { start: standing.start, promoteAfter: standing.promote_after }
}

/** The group of a target: the value of the grouping label. */
export function grouping({ remediation: { groups } }: Config): (labels: Readonly<Record<string, string>>) => string {
  return (labels) => labels[groups.label] ?? ''
}
