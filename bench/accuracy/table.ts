import type { Measures } from './measure.ts'

interface Column {
  readonly key: keyof Measures
  readonly title: string
  readonly digits: number
}

const COLUMNS: readonly Column[] = [
  { key: 'vusPr', title: 'VUS-PR', digits: 3 },
  { key: 'aucPr', title: 'AUC-PR', digits: 3 },
  { key: 'recallAtBudget', title: 'rec@1', digits: 3 },
  { key: 'labelFreeRecall', title: 'recall', digits: 3 },
  { key: 'falseAlarmsPerDay', title: 'false/day', digits: 2 },
  { key: 'normalTimeInAlarm', title: 'in alarm', digits: 3 },
  { key: 'medianDelayMinutes', title: 'delay min', digits: 1 },
  { key: 'hit100', title: 'hit100', digits: 3 },
  { key: 'rowsPerSecond', title: 'rows/s', digits: 0 },
]

/** What we want to reach on hosts not seen before, by data set. */
const GOALS: Readonly<Record<string, Partial<Measures>>> = {
  SMD: {
    ...{ vusPr: 0.62, aucPr: 0.55, recallAtBudget: 0.82, labelFreeRecall: 0.7 },
    ...{ falseAlarmsPerDay: 0.8, medianDelayMinutes: 4, hit100: 0.8 },
  },
  ASD: {
    ...{ vusPr: 0.57, aucPr: 0.55, recallAtBudget: 0.9, labelFreeRecall: 0.8 },
    ...{ falseAlarmsPerDay: 0.8, medianDelayMinutes: 18, hit100: 0.83 },
  },
}

/** One line of the table; a name and its figures. */
export interface TableRow {
  readonly name: string
  readonly measures: Partial<Measures>
}

/** Text table of one data set: the hosts, their mean, the baselines' means, and the goals below. */
export function formatTable(dataset: string, rows: readonly TableRow[]): string {
  const goals = GOALS[dataset]
  const all = goals === undefined ? rows : [...rows, { name: 'goal', measures: goals }]
  const nameWidth = Math.max(dataset.length, ...all.map(({ name }) => name.length))
  const head = [dataset.padEnd(nameWidth), ...COLUMNS.map(({ title }) => title.padStart(9))].join('  ')
  return [head, '-'.repeat(head.length), ...all.map((row) => formatRow(row, nameWidth))].join('\n')
}

function formatRow({ name, measures }: TableRow, nameWidth: number): string {
  const cells = COLUMNS.map(({ key, digits }) => {
    const value = measures[key]
    return (value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits)).padStart(9)
  })
  return [name.padEnd(nameWidth), ...cells].join('  ')
}
