import { Command } from 'commander'
import { type RuleTestFailure, runRuleTests } from '../app/rule-tests.ts'
import { formatProblem } from '../config/problem.ts'
import { systemEnvironment } from '../platform/environment.ts'
import { UsageError } from './exit.ts'

export const testRulesCommand = () =>
  new Command('test-rules')
    .description('Test rules: situations in, expected decisions out, as promtool does it for alerts.')
    .argument('<file...>', 'files of tests, see docs/rules.md')
    .action((files: readonly string[]) => {
      let [count, failed] = [0, 0]
      for (const file of files) {
        const report = runRuleTests(file, systemEnvironment.readFile)
        if (!report.ok)
          throw new UsageError(`${file} cannot be run:\n  ${report.problems.map(formatProblem).join('\n  ')}`)
        for (const failure of report.failures) process.stdout.write(`${failureLine(failure)}\n`)
        process.stdout.write(`${file}: ${report.count - report.failed} of ${report.count} tests good\n`)
        count += report.count
        failed += report.failed
      }
      if (failed > 0) throw new Error(`${failed} of ${count} tests failed`)
    })

function failureLine({ where, test, what, got, expected }: RuleTestFailure): string {
  return `${where}: ${test}: ${what}: got ${got}, expected ${expected}`
}
