import type { Action } from '../../domain/action.ts'
import type { Incident } from '../../domain/incident.ts'
import type { Freeze } from '../../domain/safety.ts'
import type { Verdict } from '../../domain/verdict.ts'

/** Something that people who look on want to hear of, told after it is kept. */
export type Happening =
  /** A cycle is over, whether it succeeded or not. @param at ms since the epoch */
  | { readonly kind: 'cycle'; readonly at: number }
  /** A reading was pushed. */
  | { readonly kind: 'reading'; readonly verdict: Verdict }
  | { readonly kind: 'incident'; readonly incident: Incident; readonly opened: boolean }
  /** @param labels of its incident; those of the target as it is observed come before them */
  | { readonly kind: 'action'; readonly action: Action; readonly labels: Incident['labels'] }
  | { readonly kind: 'freeze'; readonly freeze: Freeze | undefined }
  /** Another configuration is in force: what is seen, and who may see it, may be otherwise now. */
  | { readonly kind: 'reloaded' }

/** Where what happens is told, and heard. */
export interface Happenings {
  tell(happening: Happening): void
  /** @param hear must not throw @returns what ends it */
  listen(hear: (happening: Happening) => void): () => void
}

export function createHappenings(): Happenings {
  const listeners = new Set<(happening: Happening) => void>()
  return {
    tell(happening) {
      for (const hear of listeners) hear(happening)
    },
    listen(hear) {
      listeners.add(hear)
      return () => void listeners.delete(hear)
    },
  }
}
