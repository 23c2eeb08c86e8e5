import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../domain/random.ts'
import { createExhaustionForecaster, type ExhaustionForecast, type ExhaustionForecaster } from './forecaster.ts'

const START = 1.7e12
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

function create(): ExhaustionForecaster {
  const forecaster = createExhaustionForecaster({ resources: ['filesystem', 'memory'] })
  forecaster.grow(1)
  return forecaster
}

/** Box and Muller's standard normal numbers. */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

interface Told {
  /** seconds since the start */
  readonly time: number
  readonly forecast: ExhaustionForecast
}

/** Plays `ratio(seconds since the start)` at irregular times about every `step` seconds; gives all forecasts. */
function play(ratio: (time: number) => number, duration: number, step = 15, jitter: Random = () => 0.5): Told[] {
  const forecaster = create()
  const told: Told[] = []
  for (let tick = 0; tick * step < duration; tick++) {
    const time = (tick + 0.4 * (jitter() - 0.5)) * step
    const at = START + time * 1000
    forecaster.observe(0, 0, at, ratio(time))
    const forecast = forecaster.forecast(0, 0, at)
    if (forecast) told.push({ time, forecast })
  }
  return told
}

describe('a resource that fills', () => {
  it.each([
    ['in ten minutes', 10 * MINUTE, 0.2, HOUR, 15, 5 * MINUTE],
    ['in two hours', 2 * HOUR, 0.3, 4 * HOUR, 15, HOUR],
    ['in half a day', 12 * HOUR, 0.4, 8 * HOUR, 60, 5 * HOUR],
    ['in ten days', 10 * DAY, 0.5, DAY, 600, 6 * DAY],
  ])('%s is told in good time, the true time mostly inside the interval', (_, fill, from, level, step, ahead) => {
    let inside = 0
    let all = 0
    for (let seed = 1; seed <= 10; seed++) {
      const random = createRandom(seed)
      const line = (time: number) => (time < level ? from : from + ((1 - from) * (time - level)) / fill)
      const noisy = (time: number) => Math.min(0.999, line(time) + 0.005 * gaussian(random))

      const told = play(noisy, level + fill, step, random)

      expect(told.length).toBeGreaterThan(0)
      expect(told[0].time).toBeGreaterThan(level)
      expect(level + fill - told[0].time).toBeGreaterThan(ahead)
      for (const { time, forecast } of told) {
        all++
        if (forecast.low <= level + fill - time && level + fill - time <= forecast.high) inside++
      }
    }
    expect(inside / all).toBeGreaterThan(0.85)
  })

  it('has an interval around its time, and a rising slope', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 5, max: 200 }), (seed, minutes) => {
        const random = createRandom(seed)
        const told = play(
          (time) => 0.3 + (0.7 * time) / (minutes * MINUTE) + 0.003 * gaussian(random),
          minutes * 40,
          15,
          random,
        )
        for (const { forecast } of told) {
          expect(forecast.low).toBeLessThanOrEqual(forecast.seconds)
          expect(forecast.seconds).toBeLessThanOrEqual(forecast.high)
          expect(forecast.low).toBeGreaterThanOrEqual(0)
          expect(Number.isFinite(forecast.high)).toBe(true)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('is told by a straight line to the second', () => {
    const told = play((time) => 0.4 + (0.6 * time) / HOUR, 0.75 * HOUR)

    for (const { time, forecast } of told) expect(Math.abs(forecast.seconds - (HOUR - time))).toBeLessThan(1)
    expect(told.at(-1)?.forecast.slopePerSecond).toBeCloseTo(0.6 / HOUR, 8)
  })
})

describe('a resource that is full', () => {
  it('has 0 seconds left', () => {
    const forecaster = create()

    forecaster.observe(0, 0, START, 1)

    expect(forecaster.forecast(0, 0, START + 15_000)).toEqual({ seconds: 0, low: 0, high: 0, slopePerSecond: 0 })
  })

  it('is full at the limit that was set', () => {
    const forecaster = createExhaustionForecaster({ resources: ['fd'], limit: 0.8 })
    forecaster.grow(1)

    forecaster.observe(0, 0, START, 0.81)

    expect(forecaster.forecast(0, 0, START)?.seconds).toBe(0)
  })

  it('is no longer said to be when its readings are old', () => {
    const forecaster = create()

    forecaster.observe(0, 0, START, 1)

    expect(forecaster.forecast(0, 0, START + HOUR * 1000)).toBeUndefined()
  })
})

describe('a resource that does not fill', () => {
  it('is silent over noise on a level: 200 trials of a day, at most 1 % with any forecast', () => {
    let loud = 0
    for (let seed = 1; seed <= 200; seed++) {
      const random = createRandom(seed)
      const level = 0.2 + 0.7 * random()
      if (play(() => level + 0.01 * gaussian(random), DAY, 60, random).length > 0) loud++
    }
    expect(loud).toBeLessThanOrEqual(2)
  })

  it('is silent nearly always over noise that wanders', () => {
    let told = 0
    const trials = 40
    for (let seed = 1; seed <= trials; seed++) {
      const random = createRandom(seed)
      let wander = 0
      const ratio = () => {
        wander = 0.97 * wander + 0.01 * Math.sqrt(1 - 0.97 ** 2) * gaussian(random)
        return 0.85 + wander
      }
      told += play(ratio, DAY, 30, random).length
    }
    expect(told / (trials * (DAY / 30))).toBeLessThan(0.001)
  })

  it('is silent while it empties', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.05, max: 5, noNaN: true }), (seed, perHour) => {
        const random = createRandom(seed)
        const ratio = (time: number) => Math.max(0, 0.95 - (perHour * time) / HOUR) + 0.003 * gaussian(random)
        expect(play(ratio, 6 * HOUR, 30, random)).toEqual([])
      }),
      { numRuns: 20 },
    )
  })

  it('is silent over one big file', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.05, max: 0.5, noNaN: true }), (seed, size) => {
        const random = createRandom(seed)
        const ratio = (time: number) => 0.4 + (time > 3 * HOUR ? size : 0) + 0.003 * gaussian(random)
        expect(play(ratio, 10 * HOUR, 30, random)).toEqual([])
      }),
      { numRuns: 20 },
    )
  })

  it.each([
    ['eight minutes', 8 * MINUTE, 15],
    ['an hour', HOUR, 15],
    ['six hours', 6 * HOUR, 60],
    ['a day', DAY, 60],
    ['a week', 7 * DAY, 600],
  ])('is silent over a saw of %s once it has turned twice', (_, period, step) => {
    for (let seed = 1; seed <= 3; seed++) {
      const random = createRandom(seed)
      const saw = (time: number) => 0.5 + 0.35 * ((time / period) % 1) + 0.003 * gaussian(random)

      const told = play(saw, Math.max(8 * period, 3 * HOUR), step, random)

      expect(told.filter(({ time }) => time > 2.2 * period)).toEqual([])
    }
  })

  it('is silent over a daily rhythm once it has seen a day of it', () => {
    const random = createRandom(1)
    const rhythm = (time: number) => 0.6 - 0.2 * Math.cos((2 * Math.PI * time) / DAY) + 0.005 * gaussian(random)

    const told = play(rhythm, 6 * DAY, 60, random)

    expect(told.filter(({ time }) => time > 1.25 * DAY)).toEqual([])
  })
})

describe('readings', () => {
  it('count only when newer than the last and finite', () => {
    const straight = create()
    const disturbed = create()

    for (let tick = 0; tick < 40; tick++) {
      const at = START + tick * 15_000
      straight.observe(0, 0, at, 0.2 + tick / 60)
      disturbed.observe(0, 0, at, 0.2 + tick / 60)
      disturbed.observe(0, 0, at - 5000, 0.9)
      disturbed.observe(0, 0, at + 1, Number.NaN)
    }

    const at = START + 39 * 15_000
    expect(straight.forecast(0, 0, at)).toBeDefined()
    expect(disturbed.forecast(0, 0, at)).toEqual(straight.forecast(0, 0, at))
  })

  it('of one slot and resource do not touch another, and go when the slot is cleared', () => {
    const forecaster = create()
    forecaster.grow(3)
    for (let tick = 0; tick < 40; tick++) forecaster.observe(1, 1, START + tick * 15_000, 0.2 + tick / 60)
    const at = START + 39 * 15_000

    const told = [0, 1, 2].map((slot) =>
      [0, 1].map((resource) => forecaster.forecast(slot, resource, at) !== undefined),
    )
    forecaster.clear(1)

    expect(told).toEqual([
      [false, false],
      [false, true],
      [false, false],
    ])
    expect(forecaster.forecast(1, 1, at)).toBeUndefined()
  })

  it('take at most 512 bytes for each resource', () => {
    expect(create().bytesPerResource).toBeLessThanOrEqual(512)
  })
})
