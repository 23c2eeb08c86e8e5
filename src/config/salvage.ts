import { valueAt } from './explain.ts'
import type { Path } from './problem.ts'
import type { ParsedConfig, schema } from './schema.ts'

/** The configuration with everything wrong cut out, so that the rest can be checked as well. */
export function salvage(input: unknown, root: typeof schema): ParsedConfig {
  let rest: unknown = structuredClone(input)
  for (;;) {
    const result = root.safeParse(rest)
    if (result.success) return result.data
    for (const issue of result.error.issues) {
      const path = issue.path as Path
      const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path]
      for (const wrong of paths) rest = without(rest, wrong)
    }
  }
}

/** Removes what stands at a path, or, where nothing does, the nearest thing around it; lists go as a whole. */
function without(input: unknown, path: Path): unknown {
  const inList = path.findIndex((key) => typeof key === 'number')
  let length = inList === -1 ? path.length : inList
  while (length > 0 && valueAt(input, path.slice(0, length)) === undefined) length -= 1
  if (length === 0) return {}
  const parent = valueAt(input, path.slice(0, length - 1)) as Record<string, unknown>
  delete parent[path[length - 1]]
  return input
}
