/** Something to be timed; `run` may stand for a part of the work only, `scale` then makes up for it. */
export interface Contender {
  readonly name: string
  readonly run: () => unknown
  readonly scale?: number
  /** Replaces the stopwatch where the work is timed elsewhere: what `run` returns are milliseconds. */
  readonly timesItself?: boolean
}

/** Milliseconds, one for each repetition. */
export interface Timing {
  readonly name: string
  readonly times: readonly number[]
  readonly scale: number | undefined
}

export function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Contenders take turns, so that a busy moment of the machine hits all of them; the first turn does not count. */
export async function race(contenders: readonly Contender[], rounds: number, repetitions = 1): Promise<Timing[]> {
  const times = contenders.map((): number[] => [])
  for (const { run } of contenders) await run()
  for (let round = 0; round < rounds; round++) {
    for (const [i, { run, scale = 1, timesItself = false }] of contenders.entries()) {
      for (let repetition = 0; repetition < repetitions; repetition++) {
        const start = performance.now()
        const result = await run()
        times[i].push((timesItself ? (result as number) : performance.now() - start) * scale)
      }
    }
  }
  return contenders.map(({ name, scale }, i) => ({ name, times: times[i], scale }))
}
