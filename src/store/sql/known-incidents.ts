import type { Incident } from '../../domain/incident.ts'

/** Remembered beside those that are open; then the others are forgotten. */
const SPARE = 1000

interface Known {
  readonly digest: string
  readonly incident: Incident
}

/**
 * Open incidents as they were read, so that each is parsed once and not at every look. They are told by a digest of their
 * document: what another process has written, or a transaction has taken back, is read anew.
 */
export class KnownIncidents {
  #known = new Map<string, Known>()

  get(id: string, digest: string): Incident | undefined {
    const known = this.#known.get(id)
    return digest !== '' && known?.digest === digest ? known.incident : undefined
  }

  add(id: string, digest: string, incident: Incident): void {
    this.#known.set(id, { digest, incident })
  }

  /** Forgets those that are no longer open, when they are many. */
  keep(open: readonly { readonly id: string }[]): void {
    if (this.#known.size <= open.length + SPARE) return
    this.#known = new Map(open.flatMap(({ id }) => (this.#known.has(id) ? [[id, this.#known.get(id)!]] : [])))
  }
}
