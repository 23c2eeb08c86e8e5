import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the ports that the kernel gives to outgoing connections (from 32768 on), so that none of these comes between. */
const FIRST = 20_000
const LAST = 32_000
const ATTEMPTS = 50

const given = new Set<number>()

/**
 * A loopback port that nobody listened on a moment ago; this process gets each but once.
 *
 * @throws {Error} when fifty ports, taken at random, are all in use
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FIRST, LAST)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
  throw new Error(`no free port on 127.0.0.1 between ${FIRST} and ${LAST}: stop what listens there`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  } catch {
    return false
  }
  await new Promise((resolve) => server.close(resolve))
  return true
}
