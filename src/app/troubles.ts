import type { Snapshot } from '../domain/snapshot.ts'
import { ObserveError } from '../observe/error.ts'
import type { Logger } from '../platform/logger.ts'

/** Trouble that lasts, told once when it begins or changes and once when it is over. */
export interface TroubleLog {
  /** @param kind trouble of the same kind is not told again; undefined when there is none */
  say(kind: string | undefined, fields: object): void
}

/** @param messages as they stand in the log: constant, the data are in the fields */
export function createTroubleLog(
  logger: Logger,
  messages: { readonly begun: string; readonly over: string },
): TroubleLog {
  let told: string | undefined
  return {
    say(kind, fields) {
      if (kind === told) return
      told = kind
      if (kind === undefined) logger.info(fields, messages.over)
      else logger.warn(fields, messages.begun)
    },
  }
}

export function createTroubles(logger: Logger) {
  return {
    cycle: createTroubleLog(logger, { begun: 'a cycle failed', over: 'observing again' }),
    answer: createTroubleLog(logger, {
      begun: 'the source answers in part; what is missing has no score',
      over: 'the source answers in full again',
    }),
    late: createTroubleLog(logger, {
      begun: 'cycles left out: the one before took too long',
      over: 'cycles are on time again',
    }),
    recording: createTroubleLog(logger, {
      begun: 'observations cannot be written to the data directory; scores go on, training will lack them',
      over: 'observations are written again',
    }),
  }
}

/** What a failure is told by, and with: an error of the world in one line, a bug with its stack. */
export function troubleOf(error: unknown): [kind: string, fields: object] {
  if (error instanceof ObserveError) return [error.reason, { reason: error.reason, error: error.message }]
  const { code, message } = error as NodeJS.ErrnoException
  return code === undefined ? [message, { err: error }] : [code, { reason: code, error: message }]
}

/** A refused query for each of forty features would be forty times the same story. */
const MOST_WARNINGS = 5

/** Why an answer may be incomplete; no kind when it is not. */
export function incompleteness({ warnings }: Snapshot): [kind: string | undefined, fields: object] {
  return [warnings.join('\n') || undefined, { warnings: warnings.slice(0, MOST_WARNINGS), count: warnings.length }]
}
