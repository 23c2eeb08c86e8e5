import type { CrossCheck } from '../config/cross-checks.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/resolve.ts'
import { retentionCoversGuards, retentionCoversRules } from './retention-checks.ts'
import { loadRuleBook } from './rule-set.ts'

/**
 * Checks the files of rules and patterns that the configuration names, and that the store keeps what guards ask for.
 *
 * @param readFile may throw
 */
export function ruleChecks(readFile: (path: string) => string): CrossCheck<Config> {
  return function* (config) {
    yield* retentionCoversGuards(config)
    const loaded = loadRuleBook(config, readFile)
    if (loaded.ok) return yield* retentionCoversRules(config, loaded.book.rules)
    for (const { key, hint, ...problem } of loaded.problems) {
      yield { path: key, message: formatProblem(problem), hint, reads: [key, ['features']] }
    }
  }
}
