import { median, type Timing } from './timing.ts'

/** What a figure has to keep to. */
export interface Goal {
  readonly atMost?: number
  readonly atLeast?: number
}

/** One measured number; `met` is undefined where it has no goal. */
export interface Figure {
  readonly section: string
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly goal?: Goal
  readonly met?: boolean
}

/** Prints tables as the figures come in, and keeps those that have names of their own for the summary and for JSON. */
export class Report {
  readonly figures: Figure[] = []
  /** Wanted, but not installed. */
  readonly missing: string[] = []
  readonly #print: (line: string) => void

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  line(text: string): void {
    this.#print(text)
  }

  title(text: string): void {
    this.#print(`\n${text}`)
  }

  /** @param rows the first one is the head; first column to the left, the others to the right */
  table(rows: readonly (readonly string[])[]): void {
    const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
    for (const row of rows) {
      const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      this.#print(`  ${cells.join('   ').trimEnd()}`)
    }
  }

  timings(title: string, timings: readonly Timing[], missing: readonly string[] = []): void {
    this.title(title)
    this.table([
      ['', 'median ms', 'fastest', 'slowest', ''],
      ...timings.map(({ name, times, scale }) => [
        name,
        ...[median(times), Math.min(...times), Math.max(...times)].map((ms) => ms.toFixed(3)),
        scale === undefined ? '' : `(1/${scale} of the work, scaled up)`,
      ]),
      ...missing.map((name) => [name, 'not installed', '', '', '']),
    ])
    for (const name of missing) if (!this.missing.includes(name)) this.missing.push(name)
    for (const { name, times } of timings) this.note(title, name, median(times), 'ms')
  }

  /** Keeps a number without printing it. */
  note(section: string, name: string, value: number, unit: string): void {
    this.figures.push({ section, name, value, unit })
  }

  /** Keeps a number and prints it beside its goal. */
  judge(section: string, name: string, value: number, unit: string, goal: Goal): void {
    const met =
      value <= (goal.atMost ?? Number.POSITIVE_INFINITY) && value >= (goal.atLeast ?? Number.NEGATIVE_INFINITY)
    this.figures.push({ section, name, value, unit, goal, met })
    this.#print(`  ${verdict({ name, value, unit, goal, met })}`)
  }

  /** All goals once more, at the end. */
  summary(): void {
    const judged = this.figures.filter(({ goal }) => goal !== undefined)
    this.title('Goals')
    this.table([
      ['', 'measured', 'goal', ''],
      ...judged.map(({ name, value, unit, goal, met }) => [
        name,
        `${number(value)} ${unit}`,
        `${goalText(goal!)} ${unit}`,
        met ? 'met' : 'NOT MET',
      ]),
    ])
    if (this.missing.length > 0) this.line(`  not installed: ${this.missing.join(', ')}`)
  }
}

function verdict({ name, value, unit, goal, met }: Omit<Figure, 'section'>): string {
  return `${name}: ${number(value)} ${unit}, goal ${goalText(goal!)} ${unit}: ${met ? 'met' : 'NOT MET'}`
}

function goalText({ atMost, atLeast }: Goal): string {
  return atMost === undefined ? `>= ${atLeast}` : `<= ${atMost}`
}

export function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
