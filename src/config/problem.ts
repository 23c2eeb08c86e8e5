/** Keys from the top of the configuration down; numbers are places in a list. */
export type Path = readonly (string | number)[]

/** Something wrong with the configuration, not yet traced back to where it was written. */
export interface Finding {
  readonly path: Path
  readonly message: string
  readonly hint?: string
  /** Whether the key itself is wrong, and not its value. */
  readonly onKey?: boolean
  /**
   * The keys that it was concluded from: when one of them is wrong by itself, the conclusion is void, and where `path`
   * was not written they are to blame.
   */
  readonly reads?: readonly Path[]
}

/** Something wrong with the configuration, ready to be shown. It never holds the value of a secret. */
export interface Problem {
  /** `FILE:LINE:COLUMN`, or the flag or environment variable that brought the value. */
  readonly where: string
  /** `source.prometheus.url`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
  /** What to do about it. */
  readonly hint?: string
}

/** One line: `homeostat.yaml:3:5: source.type: must be one of … (did you mean "prometheus"?)` */
export function formatProblem({ where, path, message, hint }: Problem): string {
  return [where, path, message].filter((part) => part !== '').join(': ') + (hint === undefined ? '' : ` (${hint})`)
}

/** `['source', 'urls', 0]` → `source.urls[0]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}
