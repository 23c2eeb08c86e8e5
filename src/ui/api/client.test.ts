import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiProblem, getJson, OfflineError, onUnauthorized, postJson, setCsrfToken } from './client.ts'

function answers(status: number, body: string) {
  const asked = vi.fn(async (_address: string, _init: RequestInit) => new Response(body, { status }))
  vi.stubGlobal('fetch', asked)
  return asked
}

afterEach(() => {
  vi.unstubAllGlobals()
  setCsrfToken(null)
})

describe('the client of the API', () => {
  it('asks at an address relative to the page', async () => {
    const asked = answers(200, '{"items":[]}')

    const page = await getJson('targets?limit=1')

    expect(page).toEqual({ items: [] })
    expect(asked.mock.calls[0][0]).toBe('api/v1/targets?limit=1')
  })

  it('sends the token of the session with what changes something, and only then', async () => {
    const asked = answers(200, '{}')
    setCsrfToken('t0ken')

    await getJson('freeze')
    await postJson('freeze', { reason: 'r' })

    expect(asked.mock.calls.map(([, init]) => new Headers(init.headers).get('X-CSRF-Token'))).toEqual([null, 't0ken'])
  })

  it('throws what a problem says', async () => {
    answers(409, '{"code":"action_not_waiting","detail":"it was answered already"}')

    const refused = await postJson('actions/1/approve').catch((error: unknown) => error)

    expect(refused).toBeInstanceOf(ApiProblem)
    expect(refused).toMatchObject({ status: 409, code: 'action_not_waiting', detail: 'it was answered already' })
  })

  it.each(['<html>busy</html>', 'null', ''])(
    'says so when something else than Homeostat answered: %s',
    async (body) => {
      answers(503, body)

      const refused = await getJson('targets').catch((error: unknown) => error)

      expect(refused).toMatchObject({ status: 503, code: 'unknown' })
    },
  )

  it('tells nobody there from refused', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('Failed to fetch')
    })

    await expect(getJson('targets')).rejects.toBeInstanceOf(OfflineError)
  })

  it('takes a proxy with nobody behind it for nobody there', async () => {
    answers(502, 'Bad Gateway')

    await expect(getJson('targets')).rejects.toBeInstanceOf(OfflineError)
  })

  it('tells who listens that nobody has signed in', async () => {
    answers(401, '{"code":"unauthorized","detail":"a credential is needed"}')
    const heard = vi.fn()
    const unsubscribe = onUnauthorized(heard)

    await getJson('targets').catch(() => undefined)
    unsubscribe()
    await getJson('targets').catch(() => undefined)

    expect(heard).toHaveBeenCalledTimes(1)
  })
})
