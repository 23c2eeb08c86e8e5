import { type DestinationStream, pino } from 'pino'
import { REDACTED, redactUrls } from './secrets.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

type Write = {
  (fields: object, message: string): void
  (message: string): void
}

/**
 * JSON lines for an operator. From `warn` up the message is constant and the data sits in fields, so that lines can
 * be grouped. An error goes into the field `err`.
 */
export interface Logger {
  readonly debug: Write
  readonly info: Write
  readonly warn: Write
  readonly error: Write
  /** The logger of one component: `child({ component: 'observe' })`. */
  child(fields: { readonly component: string }): Logger
}

/** Fields that hold credentials under these names are blotted out, at the top and one or two levels down. */
const SECRET_FIELDS = ['password', 'token', 'secret', 'authorization', 'credentials', 'cookie', 'apiKey', 'api_key']
const SECRET_PATHS = SECRET_FIELDS.flatMap((name) => [
  name,
  `*.${name}`,
  `*.*.${name}`,
  `*.*.${name[0].toUpperCase()}${name.slice(1)}`,
])

/** One JSON object per line to standard output, or to the given stream. */
export function createLogger(level: LogLevel, stream?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_PATHS, censor: REDACTED },
      // The last gate: whatever part of a line a URL came in by, its credentials stay here.
      hooks: { streamWrite: redactUrls },
    },
    stream ?? pino.destination({ sync: true }),
  )
}
