import { createHmac, randomBytes } from 'node:crypto'
import { compare, getRounds } from 'bcryptjs'
import type { Secret } from '../../platform/secrets.ts'
import { ApiError } from '../problem.ts'

/** bcrypt looks at no more than this, so a longer password is never the right one. */
const BCRYPT_BYTES = 72
/** Each costs tens of milliseconds of the one processor that also scores. */
const MOST_WAITING = 32

const BCRYPT_HASH = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
const HIGHEST_COST = 14

/** What is wrong with a bcrypt hash, for people; undefined when it is good. */
export function problemOfHash(hash: string): string | undefined {
  const cost = BCRYPT_HASH.exec(hash)?.[1]
  if (cost === undefined) return 'is no bcrypt hash; htpasswd -nBC 10 USER writes one'
  return Number(cost) > HIGHEST_COST
    ? `has cost ${cost}: more than ${HIGHEST_COST} would hold up everything`
    : undefined
}

/** Says whether a user has this password. @throws {ApiError} `overloaded` when too many are being checked */
export type PasswordCheck = (user: string, password: string) => Promise<boolean>

/**
 * Checks passwords against bcrypt hashes, one at a time. An unknown user costs the same work as a known one. What was
 * right once is remembered (as a keyed digest), so that a sender pays for bcrypt once and not at every request.
 *
 * @param hashes by user
 */
export function passwordCheck(hashes: ReadonlyMap<string, Secret>): PasswordCheck {
  const cost = Math.max(4, ...[...hashes.values()].map((hash) => getRounds(hash.reveal())))
  const nobody = `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`
  const key = randomBytes(32)
  /** By user: a right password is one. */
  const right = new Map<string, string>()
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0

  async function compareInTurn(password: string, hash: string): Promise<boolean> {
    if (waiting >= MOST_WAITING) throw new ApiError('overloaded', 'too many passwords are being checked; try again')
    waiting += 1
    const turn = last.then(() => compare(password, hash))
    last = turn.catch(() => {})
    try {
      return await turn
    } finally {
      waiting -= 1
    }
  }

  return async (user, password) => {
    const digest = createHmac('sha256', key).update(password).digest('hex')
    if (right.get(user) === digest) return true
    const hash = hashes.get(user)
    const matches = await compareInTurn(password, hash?.reveal() ?? nobody)
    if (!matches || hash === undefined || Buffer.byteLength(password) > BCRYPT_BYTES) return false
    right.set(user, digest)
    return true
  }
}
