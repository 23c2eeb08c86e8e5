import type { TargetDetail } from '../../api/fleet.ts'
import type { Config } from '../../config/resolve.ts'
import type { Rules } from '../../decide/rules/rule.ts'
import type { Kernel } from '../../detect/kernel/kernel.ts'
import type { Verdict } from '../../domain/verdict.ts'
import type { FleetNow } from '../../pipeline/fleet.ts'
import { labelled } from '../../pipeline/heard.ts'
import type { Judgement, NotHeard, Reading, ReceiveReading } from '../../pipeline/push.ts'
import type { Answered, Responder } from '../../pipeline/respond.ts'
import type { Clock } from '../../platform/clock.ts'
import type { ReadingsClock } from '../../platform/readings-clock.ts'
import { detectionOptions } from '../detection-options.ts'
import { createPushingService, type KeptService, type PushingService, type ServiceOptions } from './service.ts'

export interface PushDoorDependencies {
  readonly fleet: FleetNow
  readonly responder: Responder
  readonly rules: Rules
  readonly clock: Clock
  /** Where time is that of the readings: then none lies in the future. */
  readonly readings?: ReadingsClock
  readonly kernel: Kernel
  readonly budgetOf: (target: string) => number
}

/** Services that push their readings. */
export interface PushDoor {
  readonly receive: ReceiveReading
  verdicts(): Iterable<Verdict>
  detail(id: string): TargetDetail | undefined
  /** Looks which services are stale, or gone. */
  age(): void
  /** Goes on with what another door, of the configuration before, remembers, where both see readings alike. */
  takeOver(before: PushDoor): void
  /** For `takeOver`. */
  readonly memory: { readonly key: string; readonly services: ReadonlyMap<string, PushingService> }
  /** What the next process goes on with, by service. */
  keep(): KeptServices
  /** Goes on with what was kept, service by service with its first reading. Call before the first. */
  recall(kept: KeptServices): void
}

export interface KeptServices {
  /** Of how readings are seen: what was kept under another is of no use. */
  readonly key: string
  readonly services: ReadonlyMap<string, KeptService>
}

/** Clocks differ; more than this is a mistake. */
const FUTURE_MS = 300_000
/** Metrics of one service, all that it ever sent taken together. */
const MOST_METRICS = 64
/** Readings whose incidents are being stored. */
const MOST_UNDER_WAY = 512

export function createPushDoor(config: Config, dependencies: PushDoorDependencies): PushDoor {
  const { fleet, responder, rules, clock, readings, budgetOf } = dependencies
  const options = serviceOptions(config, dependencies.kernel)
  const { stale_after, gone_after } = config.targets
  const most = config.push.max_services
  const services = new Map<string, PushingService>()
  const byRule = new Map(rules.ordered.map((rule) => [rule.name, rule]))
  const kept = new Map<string, KeptService>()
  const key = JSON.stringify([config.detect, config.threshold, config.targets, config.clean])
  let underWay = 0

  function objection({ service, at }: Reading, known: { readonly newestAt: number } | undefined): NotHeard | undefined {
    if (readings === undefined && at > clock.now() + FUTURE_MS)
      return refusal(
        'future',
        `timestamp ${iso(at)} lies more than 5 min in the future: it is ${iso(clock.now())} here`,
      )
    if (!services.has(service) && services.size >= most)
      return refusal('full', `${most} services push already, and push.max_services allows no more`)
    if (known !== undefined && at <= known.newestAt)
      return refusal(
        'older',
        `timestamp ${iso(at)} is not newer than the newest reading of ${service}, of ${iso(known.newestAt)}`,
      )
    if (underWay >= MOST_UNDER_WAY) return refusal('busy', 'too many readings are under way; try again')
    return undefined
  }

  /** What was kept of a service that is not gone by now. */
  function recent(service: string): KeptService | undefined {
    const found = kept.get(service)
    return found !== undefined && clock.now() - found.heardAt <= gone_after ? found : undefined
  }

  function judgement(verdict: Verdict, answered: Answered | undefined): Judgement {
    const incident = answered?.incident
    if (incident === undefined || incident.state === 'recovered') return { verdict }
    const { diagnosis, decision: mark } = incident
    const action = answered?.action
    const rule = mark?.rule === undefined ? undefined : byRule.get(mark.rule)
    const name = rule?.steps[Math.min(incident.step, rule.steps.length - 1)].action ?? action?.action
    const decision = mark && { ...mark, action: name, severity: rule?.severity }
    return { verdict, diagnosis, decision, action }
  }

  return {
    async receive(reading) {
      const known = services.get(reading.service)
      const before = known === undefined ? recent(reading.service) : undefined
      const no = objection(reading, known ?? before)
      if (no !== undefined) return no
      const service = known ?? createPushingService(reading.service, options, before)
      if (service.widthWith(reading) > MOST_METRICS)
        return refusal('too_many_metrics', `${reading.service} has sent more than ${MOST_METRICS} different metrics`)
      services.set(reading.service, service)
      kept.delete(reading.service)
      readings?.advance(reading.at)
      const heard = service.take(reading, clock.now())
      fleet.hear(heard)
      underWay++
      try {
        const answered = await responder.afterReading(labelled(heard))
        return { ok: true, judgement: judgement(heard.verdict, answered) }
      } finally {
        underWay--
      }
    },
    *verdicts() {
      for (const { heard } of services.values()) yield heard.verdict
    },
    detail(id) {
      const service = [...services.values()].find(({ target }) => target.id === id)
      if (service === undefined) return undefined
      return { verdict: service.heard.verdict, features: service.explain(), alarmsPerDay: budgetOf(id) }
    },
    age() {
      const now = clock.now()
      for (const [name, service] of services) {
        const silentMs = now - service.heardAt
        if (silentMs > gone_after) {
          services.delete(name)
          fleet.forget(service.target.id)
        } else if (silentMs > stale_after && service.heard.verdict.state !== 'stale') fleet.hear(service.expire())
      }
    },
    memory: { key, services },
    takeOver(before) {
      if (before.memory.key !== this.memory.key) return
      for (const [name, service] of before.memory.services) {
        services.set(name, service)
        fleet.hear(service.heard)
        kept.delete(name)
      }
    },
    keep() {
      // Services with names of their own at every start would add up.
      for (const name of kept.keys()) if (recent(name) === undefined) kept.delete(name)
      return { key, services: new Map([...kept, ...[...services].map(([name, one]) => [name, one.memory()] as const)]) }
    },
    recall(from) {
      if (from.key === key) for (const [name, one] of from.services) kept.set(name, one)
    },
  }
}

function serviceOptions(config: Config, kernel: Kernel): ServiceOptions {
  const { zscore, forest, hysteresis, threshold, staleAfterMs } = detectionOptions(config, new Float64Array(0))
  return {
    zscore,
    forest,
    hysteresis,
    any: threshold.mode === 'any',
    alarmsPerDay: threshold.budget.alarmsPerDay,
    staleAfterMs,
    forwardFillMs: config.clean.forward_fill,
    kernel,
  }
}

function refusal(why: NotHeard['why'], text: string): NotHeard {
  return { ok: false, why, text }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
