import { type Target, targetOf } from '../domain/target.ts'

interface Branch extends Map<string, Branch | number> {}

/**
 * Gives each target a slot and keeps it there for as long as the target is known. Slots of gone targets are used
 * again, lowest first, so that arrays by slot stay small.
 */
export class TargetTable {
  readonly identity: readonly string[]
  readonly #goneAfterMs: number
  /** By slot; undefined where free. */
  readonly #targets: (Target | undefined)[] = []
  /** By slot × identity label: the label's value, for comparing without touching the target. */
  readonly #values: string[] = []
  readonly #seen: boolean[] = []
  /** By slot: time of the first sweep that missed the target; NaN while it is there. */
  readonly #missingSince: number[] = []
  readonly #root: Branch = new Map()
  #freeSlots = 0

  /** @param goneAfterMs how long a target may be missing from the answers before its slot is free */
  constructor(identity: readonly string[], goneAfterMs: number) {
    if (identity.length === 0) throw new RangeError('at least one identity label is needed')
    this.identity = identity
    this.#goneAfterMs = goneAfterMs
  }

  /** Number of slots, free ones included. */
  get size(): number {
    return this.#targets.length
  }

  /** By slot; a copy that later changes do not reach. */
  targets(): (Target | undefined)[] {
    return this.#targets.slice()
  }

  /** The target at `slot`; undefined where the slot is free. */
  at(slot: number): Target | undefined {
    return this.#targets[slot]
  }

  /** Counts as seeing the target at `slot`. */
  see(slot: number): void {
    this.#seen[slot] = true
  }

  /**
   * The slot of the target that `labels` belong to; a new target gets one. Counts as seeing the target.
   *
   * @param hint a slot to try first: the one that the same place in the last answer had
   */
  slotOf(labels: Readonly<Record<string, string>>, hint: number): number {
    const slot = this.#isAt(hint, labels) ? hint : (this.#find(labels) ?? this.#admit(labels))
    this.#seen[slot] = true
    return slot
  }

  /** Ends a complete observation at `at`: frees the slots of targets that have been missing for long enough. */
  sweep(at: number): void {
    for (let slot = 0; slot < this.#targets.length; slot++) {
      const target = this.#targets[slot]
      if (!target) continue
      if (this.#seen[slot]) this.#missingSince[slot] = Number.NaN
      else if (Number.isNaN(this.#missingSince[slot])) this.#missingSince[slot] = at
      else if (at - this.#missingSince[slot] >= this.#goneAfterMs) this.#free(slot, target)
      this.#seen[slot] = false
    }
  }

  #isAt(slot: number, labels: Readonly<Record<string, string>>): boolean {
    if (this.#targets[slot] === undefined) return false
    const width = this.identity.length
    for (let i = 0; i < width; i++) {
      if (this.#values[slot * width + i] !== (labels[this.identity[i]] ?? '')) return false
    }
    return true
  }

  #find(labels: Readonly<Record<string, string>>): number | undefined {
    let at: Branch | number | undefined = this.#root
    for (const name of this.identity) at = (at as Branch | undefined)?.get(labels[name] ?? '')
    return at as number | undefined
  }

  #admit(labels: Readonly<Record<string, string>>): number {
    const slot = this.#freeSlots > 0 ? this.#targets.indexOf(undefined) : this.#targets.length
    if (slot < this.#targets.length) this.#freeSlots--
    const target = targetOf(labels, this.identity)
    this.#targets[slot] = target
    this.#missingSince[slot] = Number.NaN
    this.identity.forEach((name, i) => {
      this.#values[slot * this.identity.length + i] = target.labels[name]
    })
    insert(
      this.#root,
      this.identity.map((name) => target.labels[name]),
      slot,
    )
    return slot
  }

  #free(slot: number, target: Target): void {
    this.#targets[slot] = undefined
    this.#freeSlots++
    remove(
      this.#root,
      this.identity.map((name) => target.labels[name]),
    )
  }
}

function insert(branch: Branch, [head, ...rest]: readonly string[], slot: number): void {
  if (rest.length === 0) {
    branch.set(head, slot)
    return
  }
  const next = branch.get(head) ?? new Map()
  branch.set(head, next)
  insert(next as Branch, rest, slot)
}

function remove(branch: Branch, [head, ...rest]: readonly string[]): void {
  const next = branch.get(head)
  if (next instanceof Map) remove(next, rest)
  if (!(next instanceof Map) || next.size === 0) branch.delete(head)
}
