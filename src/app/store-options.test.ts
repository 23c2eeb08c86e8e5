import { describe, expect, it } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { storeOptions } from './store-options.ts'

function optionsOf(text: string) {
  const result = loadConfig({ flags: { config: '/etc/homeostat/homeostat.yaml' }, env: {}, readFile: () => text })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return storeOptions(result.config)
}

const DAY_MS = 86_400_000

describe('the options of the store', () => {
  it('are SQLite in the data directory unless a server is named', () => {
    expect(optionsOf('data_dir: /var/lib/homeostat')).toEqual({
      database: { kind: 'sqlite', file: '/var/lib/homeostat/homeostat.db' },
      retention: { keepMs: 90 * DAY_MS, auditMs: 400 * DAY_MS },
    })
  })

  it('are PostgreSQL where it is named, with the password where it is kept', () => {
    const url = 'postgres://homeostat@db:5432/homeostat?sslmode=verify-full'

    expect(optionsOf(`store: { url: "${url}", password_file: secret, retention: 7d }`)).toEqual({
      database: { kind: 'postgres', url, password: { file: '/etc/homeostat/secret' } },
      retention: { keepMs: 7 * DAY_MS, auditMs: 400 * DAY_MS },
    })
    expect(optionsOf(`store: { url: "${url}" }`).database).toEqual({ kind: 'postgres', url })
  })
})
