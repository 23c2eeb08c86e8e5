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
