/** Whether the run is the long one, `npm run test:chaos -- --long`. */
export const LONG = process.env['HOMEOSTAT_CHAOS'] === 'long'

/** A number of trials: few in CI, as many as the promises name in the long run. */
export function trials(short: number, long: number): number {
  return LONG ? long : short
}

/** Prints what was counted: one line for each, so that a run can be read without its source. */
export function printTally(title: string, tally: Readonly<Record<string, number | string>>): void {
  const width = Math.max(...Object.keys(tally).map((name) => name.length))
  const lines = Object.entries(tally).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
  console.log([title, ...lines].join('\n'))
}
