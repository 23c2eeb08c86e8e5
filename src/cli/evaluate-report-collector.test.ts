import { expect, it } from 'vitest'
import { severityOf, type Verdict } from '../domain/verdict.ts'
import { createReportCollector } from './evaluate-report-collector.ts'

function verdict(level: number, detected: boolean, feature: string): Verdict {
  const contributions = [{ feature, share: 1, actual: 0, expected: 0 }]
  return { level, detected, severity: severityOf(level), contributions } as unknown as Verdict
}

it('joins rows in alarm, with the features of the highest level among them', () => {
  const collector = createReportCollector()
  const rows = [
    verdict(0.2, false, 'cpu'),
    verdict(1.5, true, 'cpu'),
    verdict(4, true, 'memory'),
    verdict(0.9, true, 'disk'),
    verdict(0.1, false, 'cpu'),
    verdict(2, true, 'net'),
  ]
  for (const [row, one] of rows.entries()) collector.add(1000 * row, one)

  const host = collector.host('web-1', ['6 rows'], undefined)

  expect(host.alarms).toEqual([
    { from: 1, to: 3, features: ['memory'] },
    { from: 5, to: 5, features: ['net'] },
  ])
  expect(host.times).toEqual([0, 1000, 2000, 3000, 4000, 5000])
})
