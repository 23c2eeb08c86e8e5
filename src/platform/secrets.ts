import { inspect } from 'node:util'
import type { Environment } from './environment.ts'

/** What is shown wherever a secret would be. */
export const REDACTED = '<secret>'

/**
 * A text that must not be shown. It prints as `<secret>` in JSON, in `util.inspect`, in template strings and in
 * anything else that turns it into text; only `reveal` gives it away.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The secret itself, to be handed to whoever must have it and to nothing else. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [Symbol.toPrimitive](): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}

/** Where a secret is kept: exactly one of a file and an environment variable. */
export interface SecretReference {
  readonly file?: string
  readonly env?: string
}

/** A secret is not where it should be. The message names the place and never the content. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
}

/** Far longer than any password, token or key. */
const MAX_CHARACTERS = 64 * 1024

/**
 * Fetches a secret from where it is kept; line ends around it do not count. Ask again to follow a rotation.
 *
 * @throws {SecretError} when it is missing, empty, too long, or holds a line end inside
 */
export function readSecret({ file, env }: SecretReference, { variables, readFile }: Environment): Secret {
  const place = file === undefined ? `the environment variable ${env}` : `the file ${file}`
  const text = (file === undefined ? variables[env ?? ''] : readSecretFile(file, readFile))?.trim()
  if (text === undefined) throw new SecretError(`the secret in ${place} is missing: the variable is not set`)
  if (text === '') throw new SecretError(`the secret in ${place} is empty`)
  if (text.length > MAX_CHARACTERS) throw new SecretError(`the secret in ${place} is longer than 64 KiB`)
  if (/[\r\n\0]/.test(text)) throw new SecretError(`the secret in ${place} has more than one line`)
  return new Secret(text)
}

function readSecretFile(file: string, readFile: Environment['readFile']): string {
  try {
    return readFile(file)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new SecretError(`the secret in the file ${file} cannot be read: ${remedy(code)}`, { cause })
  }
}

// Neither begins with an unbounded repetition: a log line may hold 1 MB of anything, and the time must stay linear.
const USER_INFO = /:\/\/[^\s/@"'\\?#]+@/g
const SECRET_PARAMETER = /([?&][\w.-]{0,64}(?:token|password|passwd|secret|api[_-]?key|signature)=)[^&\s"'\\#]+/gi

/** Blots out credentials in every URL of a text: user names with passwords, and parameters such as `token`. */
export function redactUrls(text: string): string {
  return text.replace(USER_INFO, `://${REDACTED}@`).replace(SECRET_PARAMETER, `$1${REDACTED}`)
}

function remedy(code: string | undefined): string {
  if (code === 'ENOENT') return 'there is no such file (put it there, or correct the path in the configuration)'
  if (code === 'EACCES') return 'this user may not read it (change its owner or mode)'
  return code ?? 'unknown error'
}
