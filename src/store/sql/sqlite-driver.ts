import type { Database, Statement } from 'better-sqlite3'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'

/** Statements that are kept ready; those with lists of many lengths must not pile up. */
const STATEMENTS_KEPT = 200

/**
 * Kysely's dialect for SQLite with transactions that take the write lock when they begin (so that none fails half-way for
 * another one), and statements that are compiled once.
 *
 * @param failure turns an error of the database into ours
 */
export function sqliteDialect(db: Database, failure: (error: unknown) => Error): Dialect {
  const connection = createConnection(db, failure)
  const run = (command: string) => connection.run(command)
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: async () => run('begin immediate'),
    commitTransaction: async () => run('commit'),
    // After some errors, a full disk among them, SQLite has rolled back by itself.
    rollbackTransaction: async () => (db.inTransaction ? run('rollback') : undefined),
    releaseConnection: async () => {},
    destroy: async () => void db.close(),
  }
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

function createConnection(db: Database, failure: (error: unknown) => Error) {
  const statements = new Map<string, Statement>()

  function prepared(sql: string): Statement {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = db.prepare(sql)
    statements.set(sql, statement)
    if (statements.size > STATEMENTS_KEPT) statements.delete(statements.keys().next().value!)
    return statement
  }

  function attempt<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw failure(error)
    }
  }

  return {
    run: (command: string) => attempt(() => void prepared(command).run()),
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      return attempt(() => {
        const statement = prepared(sql)
        if (statement.reader) return { rows: statement.all(parameters) as R[] }
        const { changes } = statement.run(parameters)
        return { rows: [], numAffectedRows: BigInt(changes) }
      })
    },
    streamQuery() {
      throw new Error('the store reads no streams')
    },
  } satisfies DatabaseConnection & { run(command: string): void }
}
