/** How the rows of a list become those of another one. Rows are known by their numbers, which go up along the list. */
export interface ListChange {
  /** A number for each item of the list as it is now. */
  readonly numbers: readonly number[]
  /** Indices of items to be written, over what is there under their number. */
  readonly put: readonly number[]
  /** Numbers of rows to be taken away. */
  readonly gone: readonly number[]
}

/**
 * What is to be written of a list so that its rows are those of `after`. An item that is the same object as before stays
 * where it is; what was replaced takes the place of what it replaces; the rest is appended.
 *
 * @param numbers of the items before, going up
 */
export function changeOf<T>(before: readonly T[], numbers: readonly number[], after: readonly T[]): ListChange {
  // Most lists only grow, and there are many of them.
  if (before.every((item, i) => item === after[i])) return grown(numbers, after.length)
  const kept = keptNumbers(before, numbers, after)
  const next = spread(kept, numbers.at(-1) ?? -1)
  const rows = new Set(next)
  const put = next.flatMap((number, i) => (kept[i] === number ? [] : [i]))
  return { numbers: next, put, gone: numbers.filter((number) => !rows.has(number)) }
}

function grown(numbers: readonly number[], length: number): ListChange {
  const added = Array.from({ length: length - numbers.length }, (_, i) => i)
  const next = (numbers.at(-1) ?? -1) + 1
  return {
    numbers: added.length === 0 ? numbers : [...numbers, ...added.map((i) => next + i)],
    put: added.map((i) => numbers.length + i),
    gone: [],
  }
}

/** The row of each item that has one already, and in the same order; undefined for the others. */
function keptNumbers<T>(
  before: readonly T[],
  numbers: readonly number[],
  after: readonly T[],
): readonly (number | undefined)[] {
  const places = new Map(before.map((item, i) => [item, i]))
  let last = -1
  return after.map((item) => {
    const place = places.get(item)
    if (place === undefined || place <= last) return undefined
    last = place
    return numbers[place]
  })
}

/** Gives those without a number one between their neighbours'; where there is no room, all get new ones. */
function spread(kept: readonly (number | undefined)[], highest: number): readonly number[] {
  const next: number[] = []
  let number = -1
  for (const one of kept) {
    number = one ?? number + 1
    // Those that came before had no room.
    if (number <= (next.at(-1) ?? -1)) return kept.map((_, i) => highest + 1 + i)
    next.push(number)
  }
  return next
}
