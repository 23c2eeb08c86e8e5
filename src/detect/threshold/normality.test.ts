import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../domain/random.ts'
import { fixedThreshold } from './fixed.ts'
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { normalQuantile } from './normal-distribution.ts'
import { normalityThreshold } from './normality.ts'
import { percentileThreshold } from './percentile.ts'
import { shapiroWilk } from './shapiro-wilk.ts'
import { sigmaThreshold } from './sigma.ts'

/**
 * Samples that Python and TypeScript both make, digit for digit: a linear congruential generator (Park's ANSI C
 * constants) in (0, 1), as it is, as −ln u, and as Φ⁻¹(u). Only for tests.
 */
function oracleSample(kind: 'uniform' | 'exponential' | 'normal', n: number): Float64Array {
  let state = 1
  return Float64Array.from({ length: n }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    const u = (state + 0.5) / 2147483648
    if (kind === 'uniform') return u
    return kind === 'normal' ? normalQuantile(u) : -Math.log(u)
  })
}

/**
 * [sample, n, W, p of W, D], from SciPy 1.10.1 (whose Shapiro–Wilk computes in float32):
 * `w = stats.shapiro(x); d = stats.kstest(x, 'norm', args=(x.mean(), x.std(ddof=1)))` with
 * `s = (s * 1103515245 + 12345) % 2**31; u = (s + .5) / 2**31` from s = 1; x = u, -np.log(u) or stats.norm.ppf(u).
 */
const SCIPY: readonly (readonly ['uniform' | 'exponential' | 'normal', number, number, number, number])[] = [
  ['uniform', 3, 0.9849851, 0.765384, 0.2229257709],
  ['exponential', 3, 0.9991738, 0.945095, 0.1799058589],
  ['normal', 3, 0.9962714, 0.883306, 0.1947720458],
  ['uniform', 4, 0.8897058, 0.381746, 0.2765163917],
  ['exponential', 4, 0.8826346, 0.350011, 0.2701175001],
  ['normal', 4, 0.8920481, 0.392644, 0.2737615368],
  ['uniform', 5, 0.9378939, 0.651089, 0.247801734],
  ['exponential', 5, 0.972037, 0.88816, 0.2153338639],
  ['normal', 5, 0.9045609, 0.435604, 0.2900124907],
  ['uniform', 6, 0.8850713, 0.293163, 0.2096983113],
  ['exponential', 6, 0.9196388, 0.502764, 0.1939292363],
  ['normal', 6, 0.8589095, 0.185456, 0.253701561],
  ['uniform', 11, 0.9100919, 0.244506, 0.1791884549],
  ['exponential', 11, 0.958066, 0.74735, 0.1909980706],
  ['normal', 11, 0.9229629, 0.344096, 0.1474066461],
  ['uniform', 12, 0.9248207, 0.328424, 0.1509664471],
  ['exponential', 12, 0.9668616, 0.875312, 0.1529682283],
  ['normal', 12, 0.9306918, 0.387503, 0.1522813372],
  ['uniform', 50, 0.9490721, 0.0312523, 0.1181592353],
  ['exponential', 50, 0.90419, 0.000662682, 0.12237593],
  ['normal', 50, 0.978651, 0.496578, 0.0808634257],
  ['uniform', 500, 0.9562793, 5.15434e-11, 0.0758305089],
  ['exponential', 500, 0.8532499, 3.51864e-21, 0.1416891953],
  ['normal', 500, 0.9966359, 0.383114, 0.0249200938],
  ['uniform', 5000, 0.9546186, 7.6169e-37, 0.0601844459],
  ['exponential', 5000, 0.8111634, 0, 0.1606516651],
  ['normal', 5000, 0.9997123, 0.74328, 0.0060572589],
]

describe('Shapiro–Wilk', () => {
  it.each(SCIPY)('agrees with scipy on the %s sample of %d', (kind, n, w, p) => {
    const result = shapiroWilk(oracleSample(kind, n))

    expect(result.w).toBeCloseTo(w, 5)
    expect(Math.abs(result.p - p)).toBeLessThan(5e-3 * p + 2e-6)
  })

  it("finds Royston's own example", () => {
    const { w, p } = shapiroWilk([148, 154, 158, 160, 161, 162, 166, 170, 182, 195, 236])

    expect(w).toBeCloseTo(0.7888, 4)
    expect(p).toBeCloseTo(0.0067, 4)
  })

  it('does not depend on scale, place or order', () => {
    const sample = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 60 })

    fc.assert(
      fc.property(sample, (values) => {
        const { w } = shapiroWilk(values)
        const moved = shapiroWilk(values.map((value) => value * 0.25 + 64).reverse()).w
        return Number.isNaN(w) ? Number.isNaN(moved) : Math.abs(w - moved) < 1e-9 && w > 0 && w <= 1
      }),
    )
  })

  it('thins a sample that is longer than the method holds', () => {
    const { w, p } = shapiroWilk(oracleSample('normal', 20_000))

    expect(w).toBeGreaterThan(0.999)
    expect(p).toBeGreaterThan(0.05)
  })
})

describe('Kolmogorov–Smirnov', () => {
  it.each(SCIPY)('agrees with scipy on the %s sample of %d', (kind, n, _w, _p, d) => {
    expect(kolmogorovSmirnov(oracleSample(kind, n)).d).toBeCloseTo(d, 9)
  })

  it.each([0.1, 0.05, 0.01])('calls a normal sample not normal with probability %d at that level', (alpha) => {
    const random = createRandom(1)
    const samples = 3000
    let rejected = 0
    for (let i = 0; i < samples; i++) {
      const sample = Float64Array.from({ length: 80 }, () => normalQuantile(random() || 0.5))
      if (kolmogorovSmirnov(sample).p < alpha) rejected++
    }

    const spread = Math.sqrt((alpha * (1 - alpha)) / samples)
    expect(Math.abs(rejected / samples - alpha)).toBeLessThan(3 * spread + 0.02 * alpha)
  })
})

describe('threshold from validation errors', () => {
  it('is mean + 3 sigma for normal errors', () => {
    const errors = oracleSample('normal', 500).map((z) => 0.5 + 0.1 * z)

    const result = normalityThreshold(errors)

    expect(result.rule).toBe('sigma')
    expect(result.threshold).toBe(sigmaThreshold(errors, 3))
    expect(result.threshold).toBeCloseTo(0.8, 1)
  })

  it('is a percentile for skewed errors, and says why', () => {
    const errors = oracleSample('exponential', 500)

    const result = normalityThreshold(errors, { percentile: 99.5 })

    expect(result.rule).toBe('percentile')
    expect(result.threshold).toBe(percentileThreshold(errors, 99.5))
    expect(result.shapiroWilk.p).toBeLessThan(0.05)
    expect(result.kolmogorovSmirnov.p).toBeLessThan(0.05)
  })

  it('is the value itself when all errors are equal', () => {
    const result = normalityThreshold([0.2, 0.2, 0.2, 0.2, 0.2])

    expect(result).toEqual({
      threshold: 0.2,
      rule: 'percentile',
      shapiroWilk: { w: Number.NaN, p: 0 },
      kolmogorovSmirnov: { d: Number.NaN, p: 0 },
    })
  })

  it.each([[[]], [[1, 2]], [[1, 2, Number.NaN, 4]], [[1, 2, Number.POSITIVE_INFINITY, 4]]])('refuses %j', (errors) => {
    expect(() => normalityThreshold(errors)).toThrow(RangeError)
  })
})

describe('simple rules', () => {
  it('interpolates a percentile between its neighbours', () => {
    expect(percentileThreshold([30, 10, 20, 40], 50)).toBe((20 + 30) / 2)
    expect(percentileThreshold([0, 100], 99)).toBeCloseTo(99, 12)
    expect(percentileThreshold([7], 95)).toBe(7)
    expect(() => percentileThreshold([1], 101)).toThrow(RangeError)
  })

  it('adds sigmas to the mean', () => {
    expect(sigmaThreshold([1, 3], 3)).toBeCloseTo(2 + 3 * Math.sqrt((1 + 1) / 1), 12)
    expect(sigmaThreshold([5, 5, 5])).toBe(5)
    expect(() => sigmaThreshold([5])).toThrow(RangeError)
  })

  it('takes the threshold of a person as it is', () => {
    expect(fixedThreshold(0.1998)).toBe(0.1998)
    expect(() => fixedThreshold(0)).toThrow(RangeError)
    expect(() => fixedThreshold(Number.NaN)).toThrow(RangeError)
  })
})
