import { canonical, literal, type Tree } from '../../diagnose/tree.ts'

/**
 * Whether one condition can be shown to hold wherever another does, by what is cheap to see: the same comparison, one
 * with a wider bound, a word among more words, and these joined by && and ||. False says nothing.
 *
 * @param given all of these hold
 * @param wanted does this hold too?
 */
export function implies(given: readonly Tree[], wanted: Tree): boolean {
  if (literal(wanted) === true) return true
  if (wanted.op === '&&') return wanted.args.every((part) => implies(given, part))
  const [first, ...rest] = given
  const split = given.findIndex(({ op }) => op === '||')
  if (split !== -1) {
    const others = given.filter((_, i) => i !== split)
    const sides = given[split].args as readonly Tree[]
    return sides.every((side) => implies([...others, side], wanted))
  }
  const joined = given.findIndex(({ op }) => op === '&&')
  if (joined !== -1) {
    const sides = given[joined].args as readonly Tree[]
    return implies([...given.filter((_, i) => i !== joined), ...sides], wanted)
  }
  if (wanted.op === '||') return wanted.args.some((part) => implies(given, part))
  if (first === undefined) return false
  return narrower(first, wanted) || implies(rest, wanted)
}

/** Whether one comparison holds wherever the other does. */
function narrower(given: Tree, wanted: Tree): boolean {
  if (canonical(given) === canonical(wanted)) return true
  const [one, other] = [boundOf(given), boundOf(wanted)]
  if (one !== undefined && other !== undefined && one.name === other.name) return within(one, other)
  const [some, more] = [wordsOf(given), wordsOf(wanted)]
  return (
    some !== undefined &&
    more !== undefined &&
    some.name === more.name &&
    some.words.every((w) => more.words.includes(w))
  )
}

interface Bound {
  readonly name: string
  readonly op: '<' | '<=' | '>' | '>=' | '=='
  readonly value: number
}

const TURNED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==' } as const

/** `cpu > 80`, or `80 < cpu`. */
function boundOf(tree: Tree): Bound | undefined {
  const { op } = tree
  if (op !== '<' && op !== '<=' && op !== '>' && op !== '>=' && op !== '==') return undefined
  const [left, right] = tree.args
  const [l, r] = [numberOf(left), numberOf(right)]
  if (left.op === 'id' && r !== undefined) return { name: left.args, op, value: r }
  if (right.op === 'id' && l !== undefined) return { name: right.args, op: TURNED[op], value: l }
  return undefined
}

function numberOf(tree: Tree): number | undefined {
  if (tree.op === '-_') {
    const value = numberOf(tree.args)
    return value === undefined ? undefined : -value
  }
  const value = literal(tree)
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined
}

/** Whether all numbers within one bound are within the other. */
function within(one: Bound, other: Bound): boolean {
  const { value: a } = one
  const { value: b } = other
  switch (other.op) {
    case '==':
      return one.op === '==' && a === b
    case '>':
      return ((one.op === '>=' || one.op === '==') && a > b) || (one.op === '>' && a >= b)
    case '>=':
      return (one.op === '>' || one.op === '>=' || one.op === '==') && a >= b
    case '<':
      return ((one.op === '<=' || one.op === '==') && a < b) || (one.op === '<' && a <= b)
    case '<=':
      return (one.op === '<' || one.op === '<=' || one.op === '==') && a <= b
  }
}

/** `cause == "latency"`, or `cause in ["latency", "overload"]`. */
function wordsOf(tree: Tree): { readonly name: string; readonly words: readonly string[] } | undefined {
  if (tree.op !== '==' && tree.op !== 'in') return undefined
  const [left, right] = tree.args
  const items = tree.op === 'in' ? (right.op === 'list' ? right.args : undefined) : [right]
  const words = items?.map(literal)
  if (words === undefined || !words.every((word) => typeof word === 'string')) return undefined
  return { name: canonical(left), words }
}
