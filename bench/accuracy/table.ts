import type { Measures } from './measure.ts'

interface Column {
  readonly key: keyof Measures
  readonly title: string
  readonly digits: number
  /** Which side of a goal is good; none where there is no goal. */
  readonly good?: '≥' | '≤'
}

const COLUMNS: readonly Column[] = [
  { key: 'vusPr', title: 'VUS-PR', digits: 3, good: '≥' },
  { key: 'aucPr', title: 'AUC-PR', digits: 3, good: '≥' },
  { key: 'recallAtBudget', title: 'rec@1', digits: 3, good: '≥' },
  { key: 'labelFreeRecall', title: 'recall', digits: 3, good: '≥' },
  { key: 'falseAlarmsPerDay', title: 'false/day', digits: 2, good: '≤' },
  { key: 'normalTimeInAlarm', title: 'in alarm', digits: 3 },
  { key: 'medianDelayMinutes', title: 'delay min', digits: 1, good: '≤' },
  { key: 'hit100', title: 'hit100', digits: 3, good: '≥' },
  { key: 'rowsPerSecond', title: 'rows/s', digits: 0 },
]

/** What we want to reach on hosts not seen before, as a mean over the hosts of a data set. */
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
  /** A mean stands against the goals, a single host does not. */
  readonly isMean?: boolean
}

/** Text table of one data set: the hosts, then every method's mean with the goal and whether it is met below each figure. */
export function formatTable(dataset: string, rows: readonly TableRow[]): string {
  const goals = GOALS[dataset]
  const nameWidth = Math.max(dataset.length, ...rows.map(({ name }) => name.length))
  const line = (name: string, cellOf: (column: Column) => string) =>
    [name.padEnd(nameWidth), ...COLUMNS.map((column) => cellOf(column).padStart(9))].join('  ').trimEnd()
  const head = line(dataset, ({ title }) => title)
  const lines = rows.flatMap(({ name, measures, isMean = false }) => {
    const own = line(name, ({ key, digits }) => figure(measures[key], digits))
    if (!isMean || goals === undefined) return [own]
    return [
      own,
      line('  goal', (column) => goalText(column, goals)),
      line('', (column) => verdict(column, measures, goals)),
    ]
  })
  return [head, '-'.repeat(head.length), ...lines].join('\n')
}

function figure(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits)
}

function goalText({ key, digits, good }: Column, goals: Partial<Measures>): string {
  return good === undefined ? '' : `${good} ${figure(goals[key], digits)}`
}

function verdict({ key, good }: Column, measures: Partial<Measures>, goals: Partial<Measures>): string {
  const [value, goal] = [measures[key], goals[key]]
  if (good === undefined || value === undefined || Number.isNaN(value) || goal === undefined) return ''
  const reached = good === '≥' ? value >= goal : value <= goal
  // More segments are easily hit by more alarms: the recall counts within the false alarms allowed.
  const within = key !== 'labelFreeRecall' || (measures.falseAlarmsPerDay ?? 0) <= (goals.falseAlarmsPerDay ?? 0)
  return reached && within ? 'met' : 'not met'
}
