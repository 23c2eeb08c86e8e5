interface AdamOptions {
  readonly learningRate: number
  /** Infinity: the step size stays as it is. */
  readonly decaySteps: number
  readonly beta1: number
  readonly beta2: number
}

/** Adam's step size and bias corrections, which change from step to step; computed here for both kernels alike. */
export class AdamSchedule {
  readonly #learningRate: number
  readonly #decaySteps: number
  #step = 0
  readonly #beta1: number
  readonly #beta2: number
  #power1 = 1
  #power2 = 1

  constructor(options: AdamOptions) {
    this.#learningRate = options.learningRate
    this.#decaySteps = options.decaySteps
    this.#beta1 = options.beta1
    this.#beta2 = options.beta2
  }

  /** Advances to the next step; the first step is number 1. */
  next(): void {
    this.#step++
    this.#power1 *= this.#beta1
    this.#power2 *= this.#beta2
  }

  /** learningRate / (1 - beta1^t), along half a cosine to 0 where it decays. */
  get stepSize(): number {
    const progress = Math.min(1, this.#step / this.#decaySteps)
    return (this.#learningRate * (1 + Math.cos(Math.PI * progress))) / 2 / (1 - this.#power1)
  }

  /** 1 / (1 - beta2^t) */
  get correction2(): number {
    return 1 / (1 - this.#power2)
  }
}
