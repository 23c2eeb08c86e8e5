import type { Logger } from '../platform/logger.ts'

/** Says once that something is wrong, again when it is something else, and once that it is over. */
export interface Trouble {
  /** @param kind tells one trouble from another @param problem for people */
  begun(kind: string, problem: string): void
  over(): void
}

export function createTrouble(logger: Logger, bad: string, good: string): Trouble {
  let current: string | undefined
  return {
    begun(kind, problem) {
      if (current === kind) return
      current = kind
      logger.warn({ reason: kind, problem }, bad)
    },
    over() {
      if (current !== undefined) logger.info(good)
      current = undefined
    },
  }
}
