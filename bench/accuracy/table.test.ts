import { expect, it } from 'vitest'
import { formatTable } from './table.ts'

/** The cells of a line, by column: each as wide as it needs, all set right. */
function cells(table: string, line: number): string[] {
  const lines = table.split('\n').map((text) => text.padEnd(table.indexOf('\n')))
  const ends = [...lines[0].matchAll(/\S+( \S+)*/g)].map(({ index, 0: title }) => index + title.length)
  return ends.slice(1).map((end) => lines[line].slice(end - 9, end).trim())
}

it('says below every figure of a mean the goal, and whether it is met', () => {
  const measures = { vusPr: 0.62, aucPr: 0.5499, recallAtBudget: 0.9, labelFreeRecall: 0.8, falseAlarmsPerDay: 0.8 }
  const table = formatTable('SMD', [
    { name: 'host-1', measures: { vusPr: 0.1 } },
    {
      name: 'mean, ours',
      measures: { ...measures, medianDelayMinutes: 5, hit100: 0.8, rowsPerSecond: 9 },
      isMean: true,
    },
  ])

  expect(table.split('\n')).toHaveLength(6)
  expect(cells(table, 4)).toEqual(['≥ 0.620', '≥ 0.550', '≥ 0.820', '≥ 0.700', '≤ 0.80', '', '≤ 4.0', '≥ 0.800', ''])
  expect(cells(table, 5)).toEqual(['met', 'not met', 'met', 'met', 'met', '', 'not met', 'met', ''])
})

it('counts a recall only within the false alarms allowed', () => {
  const mean = { name: 'mean', measures: { labelFreeRecall: 0.99, falseAlarmsPerDay: 0.81 }, isMean: true }

  expect(cells(formatTable('ASD', [mean]), 4).filter((cell) => cell !== '')).toEqual(['not met', 'not met'])
})

it('has no goals for a data set of which none are known', () => {
  expect(formatTable('OTHER', [{ name: 'mean', measures: { vusPr: 0.9 }, isMean: true }]).split('\n')).toHaveLength(3)
})
