import { readFileSync } from 'node:fs'
import { createExperience } from '../../src/app/experience.ts'
import { loadKernel } from '../../src/app/kernel.ts'
import { createPushDoor } from '../../src/app/push/door.ts'
import { createRemediation } from '../../src/app/remediation.ts'
import { loadRuleBook } from '../../src/app/rule-set.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createTopology } from '../../src/diagnose/topology.ts'
import type { ActionName } from '../../src/domain/decision.ts'
import type { Effects } from '../../src/pipeline/effects.ts'
import type { Judgement } from '../../src/pipeline/push.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import { createReadingsClock } from '../../src/platform/readings-clock.ts'
import { WORLD_ACTIONS, type WorldAction } from '../../src/simulate/fault.ts'
import type { ServiceMetrics } from '../../src/simulate/service.ts'
import type { ServiceReading, World } from '../../src/simulate/world.ts'
import { openMemoryStore } from '../../src/store/sql/testing/memory-store.ts'

/** Every fifth reading, as the daemon with its defaults. */
const CYCLE_MS = 15_000

/** Guards of the demo; a reading every 3 s. */
const CONFIG = `
remediation:
  mode: auto
  rules: [${new URL('../../rules/services.yaml', import.meta.url).pathname}]
  guards:
    cooldown: { base: 30s, max: 1m }
    max_unhealthy: 50%
    concurrency: { group: 3 }
    rates: [30 in 1m]
    attempts: 20 in 1h
    self_stop: 1000
`

/** Something that was done to the world. */
export interface Done {
  readonly service: string
  readonly action: WorldAction
  readonly healed: readonly string[]
  readonly left: readonly string[]
}

export interface Harness {
  /** Every reading of one tick through the product, and what it began to its end. */
  take(readings: readonly ServiceReading[]): Promise<ReadonlyMap<string, Judgement>>
  /** What was done since the last call. */
  done(): readonly Done[]
  /** Milliseconds of the processor for detection and what follows, over all readings. */
  readonly cpuMs: number
}

/**
 * The product from a pushed reading to an effect, as the daemon wires it, on a store in memory and in the time of the
 * readings. Effects act on the world, or on nothing.
 *
 * @param heals whether actions reach the world
 */
export async function openHarness(world: World, heals: boolean, seesCalls = true): Promise<Harness> {
  const loaded = loadConfig({ flags: { config: 'bench.yaml' }, env: {}, readFile: () => CONFIG })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const { config } = loaded
  const rules = loadRuleBook(config, (path) => readFileSync(path, 'utf8'))
  if (!rules.ok) throw new Error(JSON.stringify(rules.problems))
  const clock = createReadingsClock(0)
  const metrics = createMetrics({ now: clock.now, version: 'bench', node: process.versions.node })
  const logger = createLogger('error', { write: (line: string) => void process.stderr.write(line) })
  const journal = await openMemoryStore(clock, 'bench')
  const acted: Done[] = []
  let ids = 0
  const calls = world.services.flatMap(({ name, dependsOn }) => dependsOn.map((called) => [name, called] as const))
  const topology = createTopology('instance', seesCalls ? calls : [])
  const loop = createRemediation(config, {
    journal,
    owner: 'bench',
    alive: async () => ['bench'],
    effects: worldEffects(world, heals, acted),
    book: rules.book,
    experience: createExperience(journal),
    newId: (at) => `${String(at).padStart(15, '0')}-${String(ids++).padStart(6, '0')}`,
    fileFreeze: () => undefined,
    holds: async () => undefined,
    topology: () => topology,
    clock,
    stopwatch: () => performance.now(),
    metrics,
    logger,
  })
  const door = createPushDoor(config, {
    fleet: loop.fleet,
    responder: loop.responder,
    rules: rules.book.rules,
    clock,
    readings: clock,
    kernel: loadKernel(),
    budgetOf: () => 1,
  })
  let cycledAt = Number.NEGATIVE_INFINITY
  let spent = 0

  async function cycle(at: number): Promise<void> {
    if (at - cycledAt < CYCLE_MS) return
    cycledAt = at
    const cleaning = { forwardFilled: 0, missing: 0, droppedRows: 0 }
    const nothing = { values: new Float64Array(0), fresh: new Uint8Array(0), sampledAt: new Float64Array(0) }
    const seen = {
      at,
      snapshot: { warnings: [] },
      matrix: { at, names: [], targets: [], cleaning, ...nothing },
      verdicts: [],
    }
    loop.fleet.see(seen)
    await loop.responder.afterCycle(seen)
  }

  return {
    get cpuMs() {
      return spent
    },
    done: () => acted.splice(0),
    async take(readings) {
      const judgements = new Map<string, Judgement>()
      for (const { service, at, metrics: shown } of readings) {
        const began = process.cpuUsage()
        const answer = await door.receive({ service, at, labels: {}, metrics: metricsOf(shown) })
        const { user, system } = process.cpuUsage(began)
        spent += (user + system) / 1000
        if (!answer.ok) throw new Error(answer.text)
        judgements.set(service, answer.judgement)
      }
      await loop.healer.round()
      await loop.healer.idle()
      await cycle(readings[0].at)
      return judgements
    },
  }
}

/** The six of a pushed observation. */
export function metricsOf({ disk_percent: _, ...six }: ServiceMetrics): ReadonlyMap<string, number> {
  return new Map(Object.entries(six))
}

function worldEffects(world: World, heals: boolean, acted: Done[]): Effects {
  const isOfWorld = (action: ActionName): action is WorldAction => WORLD_ACTIONS.some((known) => known === action)
  return {
    selector: () => ({ ok: true }),
    protectedBy: () => undefined,
    prepare: async ({ target, action }) => ({
      call: `${action} ${target.id}`,
      blastRadius: 'nothing',
      timeoutMs: 1000,
      async run() {
        const service = target.id.replace(/@push$/, '')
        if (isOfWorld(action) && heals) {
          const { healed, left } = world.act(service, action)
          acted.push({ service, action, healed, left })
        }
        return { message: 'done' }
      },
    }),
    prepareUndo: () => Promise.reject(new Error('nothing is taken back here')),
  }
}
