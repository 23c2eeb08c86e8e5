import { duration, section, text } from './fields.ts'

const NOTATION = 'postgres://USER@HOST:PORT/DATABASE'
const EXAMPLE = 'postgres://homeostat@db:5432/homeostat'
const SSL_MODES = ['disable', 'require', 'verify-full']
const PARAMETERS = ['sslmode', 'sslrootcert', 'host']

/** A URL of PostgreSQL that holds no password. Its text is never repeated: it may hold one all the same. */
function postgresUrl() {
  return text(NOTATION, EXAMPLE)
    .superRefine((value, context) => {
      const refuse = (message: string, hint = `for example ${EXAMPLE}`) =>
        context.addIssue({ code: 'custom', message, params: { hint } })
      const url = URL.canParse(value) ? new URL(value) : undefined
      if (url === undefined) return refuse('is not a URL')
      if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
        return refuse(`must begin with postgres://, not ${url.protocol}`)
      const { searchParams } = url
      if (url.password !== '' || [...searchParams.keys()].some((key) => /pass/i.test(key)))
        return refuse('must not hold a password', 'use store.password_file or store.password_env')
      if (url.pathname.length < 2) return refuse('names no database')
      if (url.hostname === '' && !searchParams.has('host')) return refuse('names no host')
      if (url.hash !== '' || [...searchParams.keys()].some((key) => !PARAMETERS.includes(key)))
        return refuse('has a parameter that is not known', `after ? may stand ${PARAMETERS.join(', ')}`)
      const sslmode = searchParams.get('sslmode') ?? 'disable'
      if (!SSL_MODES.includes(sslmode)) return refuse('has an unknown sslmode', `one of ${SSL_MODES.join(', ')}`)
      if (searchParams.has('sslrootcert') && sslmode !== 'verify-full')
        refuse('has sslrootcert, which only sslmode=verify-full looks at', 'add sslmode=verify-full')
    })
    .meta({ notation: NOTATION, example: EXAMPLE })
}

/** Where incidents, actions and the audit are kept, and for how long. */
export const storeSchema = section({
  url: postgresUrl()
    .optional()
    .describe(
      'PostgreSQL 13 or newer, for several replicas. Unset: SQLite in the file `homeostat.db` of `data_dir`. After `?` may stand `sslmode` (disable, the default; require, which encrypts; or verify-full, which also checks whose server it is), `sslrootcert` (a file with the CA) and `host` (the directory of a socket).',
    ),
  password_file: text('a path', '/run/secrets/postgres')
    .optional()
    .describe('File that holds the password of the user in `url`; read again for every connection.'),
  password_env: text('the name of an environment variable', 'HOMEOSTAT_STORE_PASSWORD')
    .optional()
    .describe('Environment variable that holds the password of the user in `url`.'),
  retention: duration('1d', '3650d')
    .prefault('90d')
    .describe(
      'How long closed incidents, finished actions, changes and sent messages are kept; of closed incidents the newest 10,000 at most. Not less than the guards look back.',
    ),
  audit_retention: duration('1d', '3650d')
    .prefault('400d')
    .describe('How long the audit is kept; not less than `retention`.'),
})
