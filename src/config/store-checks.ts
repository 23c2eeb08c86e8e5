import { formatDuration } from './duration.ts'
import { finding } from './finding.ts'
import type { Finding } from './problem.ts'
import type { ParsedConfig } from './schema.ts'

/** A password has a server and one place, and the audit outlasts what it tells of. */
export function* storeIsClear({ store }: ParsedConfig): Iterable<Finding> {
  const { url, password_file, password_env, retention, audit_retention } = store
  if (password_file !== undefined && password_env !== undefined)
    yield finding('store.password_env', 'stands beside password_file', 'keep one of them', ['store.password_file'])
  const password = password_file === undefined ? 'password_env' : 'password_file'
  if (url === undefined && store[password] !== undefined)
    yield finding(`store.${password}`, 'stands without url', 'the built-in SQLite needs no password', ['store.url'])
  if (audit_retention < retention) {
    const message = `${formatDuration(audit_retention)} is less than retention, ${formatDuration(retention)}`
    yield finding('store.audit_retention', message, 'the audit must outlast what it tells of', ['store.retention'])
  }
}
