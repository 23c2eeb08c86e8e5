import { canonical, keyRead, type Tree, walk, withMethod } from './tree.ts'
import type { View } from './view.ts'

/** A condition that was checked and can be asked. */
export interface Condition {
  /** As it was written. */
  readonly source: string
  readonly tree: Tree
  /** The same text for conditions that differ in spaces and brackets only. */
  readonly text: string
  /** Names of the numbers that it reads: features, and the language's own. */
  readonly numbers: readonly string[]
  /**
   * True, false, or undefined: something that it depends on is not known. What is not known makes a comparison neither
   * true nor false, and so its negation; `&&` and `||` go by their other side where that settles it.
   */
  readonly holds: Judge
}

type Judge = (view: View) => boolean | undefined
type Parse = (source: string) => (view: View) => unknown

/** Stands for CEL's `matches`, whose patterns this implementation of CEL would give to a backtracking engine. */
export const MATCHES = 'matches_re2'

/** @param isNumber the names that stand for numbers, each of which may be NaN */
export function conditionOf(source: string, tree: Tree, parse: Parse, isNumber: ReadonlySet<string>): Condition {
  const numbers = numbersIn(tree, isNumber)
  const judge = judgeOf(tree, (part) => leaf(part, parse, isNumber))
  return { source, tree, text: canonical(tree), numbers, holds: judge }
}

/** Three-valued logic over the comparisons; those are CEL's. */
function judgeOf(tree: Tree, leafOf: (tree: Tree) => Judge): Judge {
  const of = (part: Tree) => judgeOf(part, leafOf)
  switch (tree.op) {
    case '&&':
      return both(of(tree.args[0]), of(tree.args[1]))
    case '||':
      return either(of(tree.args[0]), of(tree.args[1]))
    case '!_':
      return not(of(tree.args))
    case '?:': {
      const [asked, yes, no] = tree.args.map(of)
      return (view) => {
        const answer = asked(view)
        return answer === undefined ? undefined : answer ? yes(view) : no(view)
      }
    }
    case 'value': {
      const { args } = tree
      return () => args === true
    }
    default:
      return leafOf(tree)
  }
}

const not =
  (judge: Judge): Judge =>
  (view) => {
    const answer = judge(view)
    return answer === undefined ? undefined : !answer
  }

const both =
  (left: Judge, right: Judge): Judge =>
  (view) => {
    const one = left(view)
    if (one === false) return false
    const other = right(view)
    if (other === false) return false
    return one === undefined || other === undefined ? undefined : true
  }

const either =
  (left: Judge, right: Judge): Judge =>
  (view) => {
    const one = left(view)
    if (one === true) return true
    const other = right(view)
    if (other === true) return true
    return one === undefined || other === undefined ? undefined : false
  }

const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%'])

/** One comparison, or whatever else gives true or false: asked only when everything in it is known. */
function leaf(tree: Tree, parse: Parse, isNumber: ReadonlySet<string>): Judge {
  const program = parse(withMethod(tree, 'matches', MATCHES))
  const numbers = numbersIn(tree, isNumber)
  const labels = keysIn(tree, 'labels')
  const detectors = keysIn(tree, 'detectors')
  const sums = sumsIn(tree).map(parse)
  return (view) => {
    for (const name of numbers) if (Number.isNaN(view[name])) return undefined
    for (const name of labels) if (!Object.hasOwn(view.labels as object, name)) return undefined
    for (const name of detectors) if (Number.isNaN((view.detectors as Record<string, number>)[name])) return undefined
    try {
      for (const sum of sums) if (Number.isNaN(sum(view))) return undefined
      return program(view) === true
    } catch {
      return undefined
    }
  }
}

/** Names of numbers that stand in the tree, each once. */
function numbersIn(tree: Tree, isNumber: ReadonlySet<string>): string[] {
  const names = new Set<string>()
  walk(tree, (part, bound) => {
    if (part.op === 'id' && isNumber.has(part.args) && !bound.includes(part.args)) names.add(part.args)
  })
  return [...names]
}

/** Keys of a map that the tree reads; `has(labels.zone)` and `"zone" in labels` only ask whether it is there. */
function keysIn(tree: Tree, map: string): string[] {
  const names = new Set<string>()
  const asked = new Set<Tree>()
  walk(tree, (part) => {
    if (part.op === 'call' && part.args[0] === 'has') for (const one of part.args[1]) asked.add(one)
    const key = asked.has(part) ? undefined : keyRead(part, map)
    if (key !== undefined) names.add(key)
  })
  return [...names]
}

/** Arithmetic outside of macros: from known numbers it may still make NaN, as 0.0 / 0.0 does. */
function sumsIn(tree: Tree): string[] {
  const sums: string[] = []
  walk(tree, (part, bound) => {
    if (ARITHMETIC.has(part.op) && bound.length === 0) sums.push(canonical(part))
  })
  return sums
}
