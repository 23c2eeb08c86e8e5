import { hashSync } from 'bcryptjs'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../platform/secrets.ts'
import { passwordCheck, problemOfHash } from './passwords.ts'

const check = (cost = 4) => passwordCheck(new Map([['alice', new Secret(hashSync('right', cost))]]))

async function fastest(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return Math.min(...times)
}

describe('a password', () => {
  it('is right for its user alone', async () => {
    const has = check()

    expect(await has('alice', 'right')).toBe(true)
    expect(await has('alice', 'right')).toBe(true)
    expect(await has('alice', 'wrong')).toBe(false)
    expect(await has('bob', 'right')).toBe(false)
    expect(await has('', '')).toBe(false)
  })

  it('with a tail that bcrypt does not look at is wrong', async () => {
    const long = 'x'.repeat(72)
    const has = passwordCheck(new Map([['alice', new Secret(hashSync(long, 4))]]))

    expect(await has('alice', `${long}y`)).toBe(false)
    expect(await has('alice', long)).toBe(true)
  })

  it('of an unknown user costs as much as a wrong one of a known user', async () => {
    const has = check(9)

    const known = await fastest(() => has('alice', 'wrong'))
    const unknown = await fastest(() => has('bob', 'wrong'))

    expect(Math.max(known, unknown) / Math.min(known, unknown)).toBeLessThan(1.5)
  })

  it('that was right costs next to nothing from then on', async () => {
    const has = check(9)
    const first = await fastest(() => has('alice', 'wrong'))
    await has('alice', 'right')

    expect(await fastest(() => has('alice', 'right'))).toBeLessThan(first / 5)
  })

  it('is not checked when too many others are', async () => {
    const has = check(6)

    const results = await Promise.allSettled(Array.from({ length: 40 }, () => has('alice', 'wrong')))

    const refused = results.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(8)
    expect(refused[0]).toMatchObject({ reason: { code: 'overloaded' } })
    expect(await has('alice', 'right')).toBe(true)
  })
})

it.each([
  ['plain text', 'is no bcrypt hash'],
  ['$2b$10$short', 'is no bcrypt hash'],
  [`$2b$15$${'a'.repeat(53)}`, 'has cost 15'],
])('%s %s', (hash, problem) => {
  expect(problemOfHash(hash)).toContain(problem)
})

it.each(['a', 'b', 'y'])('a hash of kind 2%s is good', (kind) => {
  expect(problemOfHash(`$2${kind}$10$${'a'.repeat(53)}`)).toBeUndefined()
})
