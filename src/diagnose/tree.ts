import { type ASTNode, serialize } from '@marcbachmann/cel-js'

/** A parsed CEL expression, or a part of one. */
export type Tree = ASTNode

/** Macros whose first argument is the name of the element under way. */
const BINDING: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** The same for expressions that differ in spaces, brackets and the writing of literals only. */
export function canonical(tree: Tree): string {
  return serialize(tree)
}

/** Calls `visit` for the tree and every part of it, with the names that macros around the part have bound. */
export function walk(tree: Tree, visit: (part: Tree, bound: readonly string[]) => void): void {
  const into = (part: Tree, bound: readonly string[]): void => {
    visit(part, bound)
    const inner = [...bound, ...binders(part)]
    for (const child of children(part)) into(child, inner)
  }
  into(tree, [])
}

function binders(part: Tree): string[] {
  if (part.op !== 'rcall') return []
  const [name, , args] = part.args
  const [first] = args
  const binds = BINDING.has(name) || name === 'bind'
  return binds && first?.op === 'id' ? [first.args] : []
}

function children(part: Tree): Tree[] {
  switch (part.op) {
    case 'value':
    case 'id':
      return []
    case '.':
    case '.?':
      return [part.args[0]]
    case 'call':
      return part.args[1]
    case 'rcall':
      return [part.args[1], ...part.args[2]]
    case 'map':
      return part.args.flat()
    case '!_':
    case '-_':
      return [part.args]
    default:
      return part.args
  }
}

/** The value of a literal; undefined for everything else. Whole numbers are bigint, all others number. */
export function literal(tree: Tree | undefined): unknown {
  return tree?.op === 'value' ? tree.args : undefined
}

/** `labels.zone` and `labels["zone"]` → `zone`; undefined for everything else, such as `labels[cause]`. */
export function keyRead(tree: Tree, map: string): string | undefined {
  if (tree.op !== '.' && tree.op !== '[]') return undefined
  const [holder, key] = tree.args
  if (holder.op !== 'id' || holder.args !== map) return undefined
  const name = typeof key === 'string' ? key : literal(key)
  return typeof name === 'string' ? name : undefined
}

/** The expression with another name for the method `from`, as source text. */
export function withMethod(tree: Tree, from: string, to: string): string {
  const renamed = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(renamed)
    if (typeof part !== 'object' || part === null || !('op' in part)) return part
    const { op, args } = part as Tree
    if (op !== 'rcall' || (args as unknown[])[0] !== from) return { op, args: renamed(args) }
    return { op, args: [to, ...(args as unknown[]).slice(1).map(renamed)] }
  }
  return serialize(renamed(tree) as Tree)
}
