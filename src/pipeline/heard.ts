import type { Target } from '../domain/target.ts'
import type { Verdict } from '../domain/verdict.ts'

/** What is known of a service by its newest pushed reading. */
export interface Heard {
  /** Its target carries the identity labels alone. */
  readonly verdict: Verdict
  /** The labels that came with the reading and, over them, those of its identity. */
  readonly labels: Target['labels']
  /** Newest value of each metric. */
  readonly features: ReadonlyMap<string, number>
  /** Readings in a row without a gap. */
  readonly unbroken: number
}

/** The verdict with all labels, as incidents are opened by it. */
export function labelled({ verdict, labels }: Heard): Verdict {
  return { ...verdict, target: { id: verdict.target.id, labels } }
}
