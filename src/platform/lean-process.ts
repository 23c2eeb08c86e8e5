const YOUNG_SPACE = '--max-semi-space-size'
/**
 * Of V8. Young objects get 4 MB in each of two halves; by default these grow until they take 100 MB where thousands of
 * targets leave as much garbage with every tick. And garbage is collected when there is a quarter of it, not as much
 * as there are live objects: with a tick in 15 seconds there is time to. What reads much at once may ask for it in between.
 */
export const LEAN_FLAGS: readonly string[] = [`${YOUNG_SPACE}=4`, '--heap-growing-percent=25', '--expose-gc']

/**
 * Of the C library: one heap for all threads, and blocks of 64 kB or more from the system, to which they go back when
 * they are freed. By default freed blocks raise that limit up to 32 MB, and what is freed then stays as holes.
 */
export const LEAN_ALLOCATOR: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
}

type Variables = Readonly<Record<string, string | undefined>>

/** How a process was started. */
export interface Launch {
  /** The program, the script and its arguments, as in `process.argv`. */
  readonly argv: readonly string[]
  /** Options of Node.js before the script. */
  readonly execArgv: readonly string[]
  readonly env: Variables
}

/** A program's arguments, its own name first, and its environment. */
export interface Restart {
  readonly args: readonly string[]
  readonly env: Variables
}

/**
 * How the process is to be started again so that a long run takes less memory: these settings are read at the start
 * only. What was set by whoever started it stays; who sets the young space is taken to have sized the whole heap.
 *
 * @returns undefined when nothing is missing
 */
export function leanRestart({ argv, execArgv, env }: Launch): Restart | undefined {
  const given = [...execArgv, env['NODE_OPTIONS'] ?? ''].some((option) => option.includes(YOUNG_SPACE))
  const flags = given ? [] : LEAN_FLAGS
  const missing = Object.entries(LEAN_ALLOCATOR).filter(([name]) => env[name] === undefined)
  if (flags.length === 0 && missing.length === 0) return undefined
  const [program, ...rest] = argv
  return { args: [program, ...execArgv, ...flags, ...rest], env: { ...env, ...Object.fromEntries(missing) } }
}
