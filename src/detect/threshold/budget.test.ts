import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, shuffle } from '../../domain/random.ts'
import { type Budget, type BudgetOptions, createBudget, observe, seed, setAlarmsPerDay, threshold } from './budget.ts'

const MINUTE = 60_000
const BLOCK = 10 * MINUTE
const DAY = 1440 * MINUTE
const START = Date.UTC(2026, 0, 1)
const BLOCKS_A_DAY = DAY / BLOCK
/** One step of the sketch, 2^(1/256), and a little for rounding. */
const STEP = 2 ** (1 / 256) * (1 + 1e-9)
/** The rule plans for so many alarms where one is allowed, and on the last day alone for three times as many. */
const PLANNED = 1.3
const SHORT_FACTOR = 3
/** Blocks that may be in alarm for each share of time in alarm. */
const BLOCKS_PER_TIME = 3

function seeded(scores: readonly number[], options: Partial<BudgetOptions> = {}, everyMs = BLOCK): Budget {
  const budget = createBudget(options)
  const times = scores.map((_, i) => START + i * everyMs)
  seed(budget, times, scores)
  return budget
}

/** Heavy-tailed scores, so that a few stand far out. */
function heavyScores(count: number, seedNumber: number): number[] {
  const random = createRandom(seedNumber)
  return Array.from({ length: count }, () => 0.3 / (1.001 - random()) ** 0.5)
}

/** The lowest score that the sketch does not tell from this one. */
function rounded(score: number): number {
  return 2 ** ((Math.round(256 * Math.log2(score)) - 0.5) / 256)
}

interface Block {
  readonly number: number
  readonly highest: number
}

/** The highest score of every block that has one. */
function blocksOf(scores: readonly number[], everyMs = BLOCK): Block[] {
  const highest = new Map<number, number>()
  for (const [i, score] of scores.entries()) {
    const block = Math.floor((START + i * everyMs) / BLOCK)
    highest.set(block, Math.max(score, highest.get(block) ?? 0))
  }
  return [...highest].map(([number, score]) => ({ number, highest: score }))
}

/** Alarm events by the definition itself: up to one quiet block between two alarms joins them. */
function exactEvents(blocks: readonly Block[], limit: number): number {
  const alarmed = blocks.filter((block) => block.highest >= limit)
  return alarmed.filter((block, i) => i === 0 || block.number - alarmed[i - 1].number > 2).length
}

/** Whether a threshold keeps `alarmsPerDay` events and the share of alarm time over these blocks. */
function keeps(blocks: readonly Block[], limit: number, alarmsPerDay: number, maxAlarmTime = 0.02): boolean {
  const alarmed = blocks.filter((block) => block.highest >= limit).length
  return (
    exactEvents(blocks, limit) <= (alarmsPerDay * blocks.length) / BLOCKS_A_DAY &&
    alarmed <= BLOCKS_PER_TIME * maxAlarmTime * blocks.length
  )
}

/** The lowest of the scores for which it and every higher one keep the budget; above them all where none does. */
function exactLowest(blocks: readonly Block[], alarmsPerDay: number): number {
  const candidates = [...new Set(blocks.map((block) => block.highest))].sort((a, b) => b - a)
  const broken = candidates.findIndex((candidate) => !keeps(blocks, candidate, alarmsPerDay))
  return broken < 0 ? candidates.at(-1)! : broken === 0 ? candidates[0] * 2 ** (1 / 256) : candidates[broken - 1]
}

/** The rule, slowly: all memory and the last day. */
function exactThreshold(blocks: readonly Block[], alarmsPerDay: number): number {
  return Math.max(
    exactLowest(blocks, PLANNED * alarmsPerDay),
    exactLowest(lastDay(blocks), SHORT_FACTOR * PLANNED * alarmsPerDay),
  )
}

function lastDay(blocks: readonly Block[]): Block[] {
  return blocks.filter((block) => block.number > blocks.at(-1)!.number - BLOCKS_A_DAY)
}

const history = fc.record({
  days: fc.integer({ min: 1, max: 14 }),
  seedNumber: fc.integer(),
  unit: fc.double({ min: -5, max: 9, noNaN: true }).map((exponent) => 10 ** exponent),
  alarmsPerDay: fc.double({ min: 0.1, max: 8, noNaN: true }),
  everyMs: fc.constantFrom(BLOCK, BLOCK / 2, 3 * MINUTE),
})

describe('false-alarm budget', () => {
  it('keeps the planned budget on all it remembers and on the last day, whatever the unit and interval', () => {
    fc.assert(
      fc.property(history, ({ days, seedNumber, unit, alarmsPerDay, everyMs }) => {
        const scores = heavyScores((days * DAY) / everyMs, seedNumber).map((score) => score * unit)
        const blocks = blocksOf(scores, everyMs)

        const limit = threshold(seeded(scores, { alarmsPerDay, least: 1e-15 }, everyMs), START + days * DAY)

        expect(keeps(blocks, limit, PLANNED * alarmsPerDay)).toBe(true)
        expect(keeps(lastDay(blocks), limit, SHORT_FACTOR * PLANNED * alarmsPerDay)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('agrees with a slow computation on the highest score of every block, as the sketch rounds it', () => {
    fc.assert(
      fc.property(history, ({ days, seedNumber, unit, alarmsPerDay, everyMs }) => {
        const scores = heavyScores((days * DAY) / everyMs, seedNumber).map((score) => score * unit)
        const exact = exactThreshold(blocksOf(scores.map(rounded), everyMs), alarmsPerDay)

        const limit = threshold(seeded(scores, { alarmsPerDay, least: 1e-15 }, everyMs), START + days * DAY)

        expect(limit / exact).toBeCloseTo(1, 6)
      }),
      { numRuns: 60 },
    )
  })

  it('never rises when more alarms are allowed', () => {
    fc.assert(
      fc.property(history, fc.double({ min: 1, max: 4, noNaN: true }), ({ days, seedNumber, alarmsPerDay }, more) => {
        const budget = seeded(heavyScores(days * BLOCKS_A_DAY, seedNumber), { alarmsPerDay })
        const strict = threshold(budget, START + days * DAY)

        setAlarmsPerDay(budget, alarmsPerDay * more)

        expect(threshold(budget, START + days * DAY)).toBeLessThanOrEqual(strict)
      }),
      { numRuns: 60 },
    )
  })

  it('does not depend on the order in which scores come', () => {
    fc.assert(
      fc.property(history, fc.integer(), ({ days, seedNumber, alarmsPerDay }, order) => {
        const scores = heavyScores(days * BLOCKS_A_DAY, seedNumber)
        const places = Int32Array.from(scores, (_, i) => i)
        shuffle(places, createRandom(order))
        const mixed = createBudget({ alarmsPerDay })
        for (const i of places) observe(mixed, START + i * BLOCK, scores[i])

        const sorted = threshold(seeded(scores, { alarmsPerDay }), START + days * DAY)

        expect(threshold(mixed, START + days * DAY)).toBe(sorted)
      }),
      { numRuns: 30 },
    )
  })

  it('leaves out readings without a score', () => {
    const scores = heavyScores(3 * BLOCKS_A_DAY, 8)
    const budget = seeded(scores)
    for (let i = 0; i < scores.length; i++) observe(budget, START + i * BLOCK, Number.NaN)
    // A block without any score is no history either.
    observe(budget, START + 3 * DAY, Number.NaN)

    expect(threshold(budget, START + 3 * DAY)).toBe(threshold(seeded(scores), START + 3 * DAY))
  })

  it('is next to 0 where every score is 0, and never below the least', () => {
    const scores = Array.from({ length: 2 * BLOCKS_A_DAY }, () => 0)

    expect(threshold(seeded(scores), START + 2 * DAY)).toBeLessThan(1e-6)
    expect(threshold(seeded(scores, { least: 0.25 }), START + 2 * DAY)).toBe(0.25)
    expect(threshold(seeded(heavyScores(BLOCKS_A_DAY, 1), { least: 1e6 }), START + DAY)).toBe(1e6)
  })

  it('cuts one lasting alarm down to the time in alarm that is allowed', () => {
    // One event that lasts a tenth of two days: within 3.9 events, beyond 3 × 2 % of the blocks.
    const lasting = Array.from({ length: 2 * BLOCKS_A_DAY }, (_, i) => (i < (2 * BLOCKS_A_DAY) / 10 ? 5 + i / 100 : 1))
    const blocks = Math.floor(3 * 0.02 * lasting.length)

    const limit = threshold(seeded(lasting), START + 2 * DAY)

    expect(lasting.filter((score) => score >= limit)).toHaveLength(blocks)
  })

  it('is above 0 for any scores, zeros, huge and missing ones among them', () => {
    const score = fc.oneof(
      fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, 1e-300, 1e300),
      fc.double({ min: 0 }),
    )

    fc.assert(
      fc.property(fc.array(score, { maxLength: 300 }), (scores) => {
        const budget = createBudget()
        for (const [i, value] of scores.entries()) {
          expect(threshold(budget, START + i * BLOCK)).toBeGreaterThan(0)
          observe(budget, START + i * BLOCK, value)
        }
        expect(threshold(budget, START + scores.length * BLOCK)).toBeGreaterThan(0)
      }),
    )
  })

  it('has no threshold before the first score', () => {
    expect(threshold(createBudget(), START)).toBe(Number.POSITIVE_INFINITY)
  })

  it('keeps a young threshold above everything seen, by a margin that shrinks over a day', () => {
    const afterBlocks = (blocks: number) =>
      threshold(seeded(Array.from({ length: blocks }, () => 1)), START + blocks * BLOCK)

    expect(afterBlocks(1)).toBeGreaterThanOrEqual(1 * (1 + (1 - 1 / BLOCKS_A_DAY)))
    expect(afterBlocks(1)).toBeLessThan(2 * STEP)
    expect(afterBlocks(BLOCKS_A_DAY / 2)).toBeGreaterThanOrEqual(1.5)
    expect(afterBlocks(BLOCKS_A_DAY / 2)).toBeLessThan(1.5 * STEP)
    expect(afterBlocks(BLOCKS_A_DAY)).toBeLessThan(STEP)
  })

  it('works a young threshold out again as soon as its history has grown by a quarter', () => {
    const budget = seeded([1, 1, 1, 1])
    threshold(budget, START + 4 * BLOCK)

    observe(budget, START + 4 * BLOCK, 10)

    expect(threshold(budget, START + 4 * BLOCK)).toBeLessThan(3)
    expect(threshold(budget, START + 5 * BLOCK)).toBeGreaterThan(10)
  })

  it('does not follow an old history before six hours have passed', () => {
    const budget = seeded(heavyScores(14 * BLOCKS_A_DAY, 1))
    const end = START + 14 * DAY
    const before = threshold(budget, end)

    for (let i = 0; i < 35; i++) observe(budget, end + i * BLOCK, 1000)

    expect(threshold(budget, end + 35 * BLOCK)).toBe(before)
    expect(threshold(budget, end + 36 * BLOCK)).toBeGreaterThan(1000)
  })

  it('is due sooner the first time where a phase says so', () => {
    const budget = createBudget({}, 0.5)
    const scores = heavyScores(14 * BLOCKS_A_DAY, 1)
    seed(
      budget,
      scores.map((_, i) => START + i * BLOCK),
      scores,
    )

    threshold(budget, START + 14 * DAY)
    expect(budget.dueAt).toBe(START + 14 * DAY + 3 * 60 * MINUTE)

    threshold(budget, budget.dueAt)
    expect(budget.dueAt).toBe(START + 14 * DAY + 9 * 60 * MINUTE)
  })

  it('takes a level shift for normal as soon as it is worked out again: within 6 hours', () => {
    const budget = seeded(heavyScores(14 * BLOCKS_A_DAY, 1).map((score) => Math.min(score, 1)))
    const end = START + 14 * DAY
    let alarmed = 0
    for (let i = 0; i < 2 * BLOCKS_A_DAY; i++) {
      if (50 >= threshold(budget, end + i * BLOCK)) alarmed++
      observe(budget, end + i * BLOCK, 50)
    }

    expect(alarmed * BLOCK).toBe(6 * 60 * MINUTE)
  })

  it('stays below an event that is over, so that the next one like it is an alarm again', () => {
    const calm = Array.from({ length: 14 * BLOCKS_A_DAY }, (_, i) => 1 + (i % 7) / 100)
    calm[calm.length - 20] = calm[calm.length - 19] = 50

    expect(threshold(seeded(calm), START + 14 * DAY)).toBeLessThanOrEqual(50)
  })

  it('forgets what is older than its memory', () => {
    const budget = seeded([...Array.from({ length: BLOCKS_A_DAY }, () => 100), ...heavyScores(14 * BLOCKS_A_DAY, 2)])

    expect(threshold(budget, START + 15 * DAY)).toBeLessThan(100)
  })

  it('counts time without scores neither as alarm nor as history', () => {
    const scores = heavyScores(2 * BLOCKS_A_DAY, 3)
    const without = threshold(seeded(scores), START + 2 * DAY)
    const budget = createBudget()
    seed(
      budget,
      scores.map((_, i) => START + i * BLOCK + (i < BLOCKS_A_DAY ? 0 : 5 * DAY)),
      scores,
    )

    expect(threshold(budget, START + 7 * DAY)).toBe(without)
  })

  it('counts alarms on both sides of a gap as two', () => {
    // One event a day is within 1.2, two are not; here the two blocks of an event lie on both sides of a gap.
    const day = Array.from({ length: BLOCKS_A_DAY }, (_, i) => (i === 50 || i === 51 ? 9 : 1))
    const strict = { alarmsPerDay: 1.2 / PLANNED }
    const apart = createBudget(strict)
    seed(
      apart,
      day.map((_, i) => START + i * BLOCK + (i <= 50 ? 0 : 3 * BLOCK)),
      day,
    )

    expect(threshold(seeded(day, strict), START + DAY)).toBeLessThanOrEqual(9)
    expect(threshold(apart, START + 2 * DAY)).toBeGreaterThan(9)
  })

  it('finds its scale again after the scores have moved by eight decades', () => {
    const budget = seeded(heavyScores(BLOCKS_A_DAY, 4).map((score) => score * 1e-5))
    const moved = heavyScores(16 * BLOCKS_A_DAY, 5).map((score) => score * 1e3)
    for (const [i, score] of moved.entries()) {
      threshold(budget, START + DAY + i * BLOCK)
      observe(budget, START + DAY + i * BLOCK, score)
    }
    setAlarmsPerDay(budget, 1)

    const exact = exactThreshold(blocksOf(moved.slice(-14 * BLOCKS_A_DAY).map(rounded)), 1)
    expect(threshold(budget, START + 17 * DAY) / exact).toBeCloseTo(1, 6)
  })

  it('sees a score above 0 where all others are 0', () => {
    const quiet = Array.from({ length: 3 * BLOCKS_A_DAY }, (_, i) => (i === 100 ? 0.5 : 0))

    const limit = threshold(seeded(quiet), START + 3 * DAY)

    // The one event is within the budget, all the zeros are not.
    expect(limit).toBeLessThanOrEqual(0.5)
    expect(limit).toBeGreaterThan(0.5 / STEP)
  })

  it('fits into 4 kB a target', () => {
    const numbers = Object.values(createBudget()).length + Object.values(createBudget().sketch).length

    expect(createBudget().sketch.codes.byteLength + 8 * numbers).toBeLessThanOrEqual(4096 + 64)
  })

  it.each([{ alarmsPerDay: 0 }, { maxAlarmTime: 2 }, { least: 0 }, { memoryMs: MINUTE }])('refuses %j', (options) => {
    expect(() => createBudget(options)).toThrow(RangeError)
  })
})
