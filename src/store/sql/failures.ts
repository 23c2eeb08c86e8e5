import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { JournalError, type JournalFailure } from '../../pipeline/journal.ts'

/** What SQLite's error means to those who use the store. @param file the database's, for the message */
export function sqliteFailure(error: unknown, file: string): JournalError {
  if (error instanceof JournalError) return error
  const { code = '', message } = error as Error & { code?: string }
  const fail = (reason: JournalFailure, text: string) => new JournalError(reason, text, { cause: error })
  const family = /^SQLITE_[A-Z]+/.exec(code)?.[0] ?? code
  switch (family) {
    case 'SQLITE_FULL':
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(error, file)
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return fail('read_only', `the store ${file} cannot be written: make the file and its directory writable`)
    case 'SQLITE_CANTOPEN':
      return fail('read_only', `the store ${file} cannot be opened: does its directory exist, and may it be written?`)
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return corrupt(file, message, error)
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return fail('conflict', `the store ${file} is held by another program: end what has it open`)
    case 'SQLITE_CONSTRAINT':
      return fail('conflict', `another one is there already: ${message}`)
    case 'SQLITE_IOERR':
      if (isFull(file)) return diskFull(error, file)
      return fail('unreachable', `the disk of the store ${file} fails (${code}): look at the system's log`)
    default:
      return fail('internal', `the store ${file} failed: ${message}`)
  }
}

/** @param what what SQLite has found */
export function corrupt(file: string, what: string, cause?: unknown): JournalError {
  const rescue = `move it away together with ${file}-wal and ${file}-shm to start anew, or put a backup in its place`
  return new JournalError('corrupt', `the store ${file} is damaged (${what}) and was left as it is: ${rescue}`, {
    cause,
  })
}

/** What PostgreSQL's error, or that of the way to it, means. @param place the server's and database's name */
export function postgresFailure(error: unknown, place: string): JournalError {
  if (error instanceof JournalError) return error
  const { code = '', severity, message } = error as Error & { code?: string; severity?: string }
  const fail = (reason: JournalFailure, text: string) => new JournalError(reason, text, { cause: error })
  const said = `${message} (${code})`
  // The server's own errors have a severity; what is without comes from the network, or from our own deadlines.
  if (severity === undefined) return fail('unreachable', `PostgreSQL at ${place} cannot be reached: ${message}`)
  if (code === '53100') return fail('full', `the disk of PostgreSQL at ${place} is full: free some space there`)
  if (code === '25006') return fail('read_only', `PostgreSQL at ${place} takes no writes: is it a standby?`)
  if (code === '42501')
    return fail('read_only', `PostgreSQL at ${place} refuses: ${message}; grant the user that right`)
  if (code === '28P01' || code === '28000')
    return fail(
      'unreachable',
      `PostgreSQL at ${place} refuses the user: ${message}; look at store.password_file or _env`,
    )
  if (code === '3D000') return fail('unreachable', `PostgreSQL at ${place}: ${message}; make it with createdb`)
  if (code === '57014' || code === '55P03') return fail('unreachable', `PostgreSQL at ${place} took too long: ${said}`)
  if (/^XX00[12]$/.test(code))
    return fail('corrupt', `PostgreSQL at ${place} finds its data damaged: ${said}; restore a backup`)
  if (isRace(error)) return fail('conflict', `another transaction came between: ${said}`)
  if (code === '23505') return fail('conflict', `another one is there already: ${message}`)
  if (/^(08|53|57|58|25P03)/.test(code)) return fail('unreachable', `PostgreSQL at ${place} cannot serve: ${said}`)
  return fail('internal', `PostgreSQL at ${place} failed: ${said}`)
}

/** Transactions met, and PostgreSQL ended this one: run again it may succeed. */
export function isRace(error: unknown): boolean {
  const { code, cause } = error as { code?: string; cause?: unknown }
  return code === '40001' || code === '40P01' || (error instanceof JournalError && cause !== undefined && isRace(cause))
}

function diskFull(cause: unknown, file: string): JournalError {
  return new JournalError(
    'full',
    `the disk of the store ${file} is full: free some space, writing then goes on by itself`,
    {
      cause,
    },
  )
}

function isFull(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file))
    return bavail * bsize < 1024 * 1024
  } catch {
    return false
  }
}
