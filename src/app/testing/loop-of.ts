import { verdictOf } from '../../api/testing/fake-fleet.ts'
import { createTopology } from '../../diagnose/topology.ts'
import { fakeEffects } from '../../pipeline/testing/fake-effects.ts'
import { manualClock } from '../../pipeline/testing/manual-clock.ts'
import { createLogger } from '../../platform/logger.ts'
import { createMetrics } from '../../platform/metrics.ts'
import { openMemoryStore } from '../../store/sql/testing/memory-store.ts'
import { createExperience } from '../experience.ts'
import { createIncidentDesk } from '../incident-desk.ts'
import { createRemediation } from '../remediation.ts'
import { createRemediationDesk } from '../remediation-desk.ts'
import { loadRuleBook } from '../rule-set.ts'
import { configOf } from './effects-of.ts'

export const NOON = Date.parse('2026-11-21T12:00:00Z')
const INTERVAL_MS = 15_000

const RULES = `
rules:
  - { name: unwell, priority: 1, when: 'level > 1.0', action: restart, severity: high, mode: MODE }
`

/** The loop as the daemon builds it from a configuration, with a store in memory and effects that are only counted. */
export async function loopOf(mode: 'observe' | 'suggest' | 'approve' | 'auto') {
  const config = configOf('remediation: { rules: [rules.yaml] }')
  const loaded = loadRuleBook(config, (path) => (path.endsWith('rules.yaml') ? RULES.replace('MODE', mode) : PATTERNS))
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const clock = manualClock(NOON)
  const metrics = createMetrics({ now: clock.now, version: '0', node: '0' })
  const log: string[] = []
  const logger = createLogger('info', { write: (line: string) => log.push(line) })
  const journal = await openMemoryStore(clock, 'test')
  const experience = createExperience(journal)
  const effects = fakeEffects()
  const file: { freeze?: { by: string; reason: string; at: number } } = {}
  let ids = 0
  const dependencies = {
    journal,
    owner: 'test',
    alive: async () => ['test'],
    effects,
    book: loaded.book,
    experience,
    newId: (at: number) => `${at}-${String(ids++).padStart(5, '0')}`,
    fileFreeze: () => file.freeze,
    holds: async () => undefined,
    topology: () => createTopology('instance', []),
    clock,
    stopwatch: () => clock.now(),
    metrics,
    logger,
  }
  const loop = createRemediation(config, dependencies)
  const desk = { ...dependencies, current: () => loop }

  /** So many cycles in which `web` is unwell or well, among twenty others that are well. */
  async function cycles(count: number, web: 'unwell' | 'well'): Promise<void> {
    for (let i = 0; i < count; i++) {
      const at = clock.now()
      const detected = web === 'unwell'
      const others = Array.from({ length: 20 }, (_, n) => verdictOf(`calm-${n}`, { at }))
      const verdicts = [verdictOf('web', { at, detected, level: detected ? 4 : 0.5 }), ...others]
      const targets = verdicts.map(({ target }) => target)
      const columns = { values: new Float64Array(targets.length), sampledAt: new Float64Array(targets.length).fill(at) }
      const cleaning = { forwardFilled: 0, missing: 0, droppedRows: 0 }
      const matrix = {
        at,
        names: ['cpu'],
        targets,
        fresh: new Uint8Array(targets.length).fill(1),
        cleaning,
        ...columns,
      }
      const seen = { at, snapshot: { warnings: [] }, matrix, verdicts }
      loop.fleet.see(seen)
      await loop.respond(seen)
      await clock.advance(INTERVAL_MS)
    }
  }

  return {
    clock,
    journal,
    experience,
    effects,
    loop,
    log,
    file,
    cycles,
    incidents: createIncidentDesk(desk),
    remediation: createRemediationDesk(desk),
    heal: async () => {
      await loop.healer.round()
      await loop.healer.idle()
    },
    counted: async (pattern: RegExp) => {
      return (await metrics.registry.metrics()).split('\n').filter((line) => pattern.test(line) && !/ 0$/.test(line))
    },
  }
}

const PATTERNS = `
patterns:
  - { cause: overload, conditions: [{ when: 'level > 3.0', weight: 0.6 }] }
`
