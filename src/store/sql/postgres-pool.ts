import type { PostgresPool, PostgresPoolClient } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import type { JournalError } from '../../pipeline/journal.ts'

/**
 * A pool whose connections are given up at the first sign that the way to the server is broken: the one that failed at
 * once, and all older ones before they are used again. Otherwise each of them would cost a deadline of its own.
 *
 * @param failure turns an error of the server or the network into ours
 */
export function guardedPool(pool: Pool, failure: (error: unknown) => JournalError): PostgresPool {
  /** Counts breakdowns; a connection is older when it was made before the newest. */
  let breakdowns = 0
  const madeAfter = new WeakMap<PoolClient, number>()
  pool.on('connect', (client) => void madeAfter.set(client, breakdowns))

  async function take(): Promise<PoolClient> {
    while (true) {
      const client = await pool.connect()
      if (madeAfter.get(client) === breakdowns) return client
      client.release(true)
    }
  }

  function guarded(client: PoolClient): PostgresPoolClient {
    let broken: JournalError | undefined

    function broke(error: unknown): JournalError {
      const wrapped = failure(error)
      if (wrapped.reason === 'unreachable' && broken === undefined) {
        broken = wrapped
        if (madeAfter.get(client) === breakdowns) breakdowns++
      }
      return wrapped
    }

    const query = async (text: string, values: readonly unknown[]) => {
      if (broken) throw broken
      try {
        return await client.query(text, values as unknown[])
      } catch (error) {
        throw broke(error)
      }
    }
    // Without a listener a connection that breaks between two statements would end the process.
    client.on('error', broke)
    return {
      query: query as unknown as PostgresPoolClient['query'],
      release() {
        client.off('error', broke)
        client.release(broken !== undefined)
      },
    }
  }

  return {
    async connect() {
      try {
        return guarded(await take())
      } catch (error) {
        throw failure(error)
      }
    },
    end: () => pool.end(),
    options: {},
  }
}
