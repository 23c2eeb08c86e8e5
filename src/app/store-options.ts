import { join } from 'node:path'
import type { Config } from '../config/resolve.ts'
import type { StoreOptions } from '../store/sql/store.ts'

/** The database of the store unless a server is named, in the data directory. */
const FILE = 'homeostat.db'

/** What the store is told, from the configuration. */
export function storeOptions({ store, data_dir }: Config): StoreOptions {
  const { url, password_file, password_env, retention, audit_retention } = store
  const hasPassword = password_file !== undefined || password_env !== undefined
  const password = hasPassword ? { file: password_file, env: password_env } : undefined
  return {
    database: url === undefined ? { kind: 'sqlite', file: join(data_dir, FILE) } : { kind: 'postgres', url, password },
    retention: { keepMs: retention, auditMs: audit_retention },
  }
}
