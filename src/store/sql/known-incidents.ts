import type { Incident } from '../../domain/incident.ts'
import type { Numbers } from './incident-lists.ts'

/** Remembered beside those that are open; then the others are forgotten. */
const SPARE = 1000

/** An incident as it is kept under one revision. */
interface Known {
  readonly revision: string
  readonly incident: Incident
  /** Of the rows of its lists. */
  readonly numbers: Numbers
}

/**
 * Open incidents as they were read or written last, by the id of their row: each is parsed once and not at every look,
 * and only what has changed of it is written. Every write makes a revision that there never was before, so what another
 * process has written, or a transaction has taken back, is told by its revision and read anew.
 */
export class KnownIncidents {
  #known = new Map<string, Known>()
  #written = 0
  readonly #owner: string

  /** @param owner nobody else's, before or beside */
  constructor(owner: string) {
    this.#owner = owner
  }

  get(id: string, revision: string): Known | undefined {
    const known = this.#known.get(id)
    return revision !== '' && known?.revision === revision ? known : undefined
  }

  add(id: string, known: Known): void {
    this.#known.set(id, known)
  }

  /** Forgets those that are no longer open, when they are many. */
  keep(open: readonly { readonly id: string }[]): void {
    if (this.#known.size <= open.length + SPARE) return
    this.#known = new Map(open.flatMap(({ id }) => (this.#known.has(id) ? [[id, this.#known.get(id)!]] : [])))
  }

  /** A revision for the next write. */
  next(): string {
    return `${++this.#written}.${this.#owner}`
  }
}
