/** So many times as far as theory allows noise may reach, at most; what is farther out, and soon over, was healed. */
const MOST = 2
/** What noise has reached, it will again, and a little more. */
const MARGIN = 1.15
/** Noise comes alone: what comes again so many readings after something else is no noise. */
const ALONE = 20
/** Readings until half of it is forgotten: twelve hours of readings every 3 s. */
const HALF_LIFE = 14_400
const KEPT = 2 ** (-1 / HALF_LIFE)

/**
 * How far the noise of one service reaches beyond what theory allows, by distances that came and passed: no service is
 * as Gaussian as theory.
 */
export class NoiseReach {
  private readonly reach: Float64Array
  /** The farthest since the service is unusual. */
  private readonly farthest: Float64Array
  private calmFor = 0
  private calmBefore = 0

  /** @param distances that are told apart */
  constructor(distances: number) {
    this.reach = new Float64Array(distances).fill(1)
    this.farthest = new Float64Array(distances)
  }

  /** 1 … 2; distances are to be divided by it. */
  of(i: number): number {
    return this.reach[i]
  }

  /** @param distance of a reading that is unusual, in units of what is expected of this service until now */
  note(i: number, distance: number): void {
    if (this.calmFor > 0) this.calmBefore = this.calmFor
    this.calmFor = 0
    this.farthest[i] = Math.max(this.farthest[i], distance)
  }

  /**
   * What was noted has passed soon.
   *
   * @returns whether it was noise: it came alone, and was not too far out
   */
  passed(): boolean {
    const beyond = this.farthest.map((distance, i) => distance * this.reach[i])
    if (this.calmBefore < ALONE || beyond.some((distance) => distance > MOST)) return false
    for (const [i, distance] of beyond.entries())
      if (distance > this.reach[i]) this.reach[i] = Math.min(MOST, distance * MARGIN)
    return true
  }

  /** A calm reading came: what was noted before is over. */
  calm(): void {
    this.calmFor++
    this.farthest.fill(0)
    for (const [i, reach] of this.reach.entries()) this.reach[i] = 1 + (reach - 1) * KEPT
  }

  export(): Float64Array {
    return this.reach.slice()
  }

  import(reach: Float64Array): void {
    this.reach.set(reach)
    this.farthest.fill(0)
  }
}
