import type { Response } from 'express'
import { principalOf } from './auth/gate.ts'
import type { LabelTest } from './auth/label-scope.ts'
import type { Fleet } from './fleet.ts'

type Labels = Readonly<Record<string, string>>

/** What lies inside the part of the fleet that a credential is for; undefined: everything does. */
export function scopeOf(res: Response): LabelTest | undefined {
  return principalOf(res).sees
}

/** The labels of the targets that are watched now, looked up once for a request. */
export function labelsById(fleet: Fleet): ReadonlyMap<string, Labels> {
  const labels = new Map<string, Labels>()
  for (const { target } of fleet.verdicts()) labels.set(target.id, target.labels)
  return labels
}

/**
 * Whether an incident lies inside of what is seen: by the labels of its target, which no sender of alerts can choose,
 * where they are known.
 */
export function isVisible(
  fleet: Fleet,
  sees: LabelTest | undefined,
): (incident: { readonly target: string; readonly labels: Labels }) => boolean {
  if (sees === undefined) return () => true
  const watched = labelsById(fleet)
  return ({ target, labels }) => sees({ ...labels, ...watched.get(target) })
}

/** Read at once where most of it may be left out: each time is a transaction. */
const LEAST_READ = 100

/**
 * A page of what passes a test, out of a list that does not know of it.
 *
 * @param list what lies before a key, newest first
 */
export async function filteredPage<T extends { readonly id: string }>(
  list: (
    before: string | undefined,
    limit: number,
  ) => Promise<{ readonly items: readonly T[]; readonly more: boolean }>,
  passes: (item: T) => boolean | Promise<boolean>,
  before: string | undefined,
  limit: number,
): Promise<{ readonly items: readonly T[]; readonly more: boolean }> {
  const found: T[] = []
  let from = before
  while (true) {
    const { items, more } = await list(from, Math.max(limit, LEAST_READ))
    for (const item of items) {
      if (!(await passes(item))) continue
      if (found.length === limit) return { items: found, more: true }
      found.push(item)
    }
    from = items.at(-1)?.id
    if (!more || from === undefined) return { items: found, more: false }
  }
}
