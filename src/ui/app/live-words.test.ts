import { expect, it } from 'vitest'
import { liveWords } from './live-words.ts'

it('a page that is not live says of when it is', () => {
  const at = new Date(2026, 10, 21, 14, 31, 5).getTime()

  expect(liveWords({ kind: 'live', at })).toBe('live')
  expect(liveWords({ kind: 'reconnecting', since: at, at })).toBe('showing 14:31:05, retrying')
  expect(liveWords({ kind: 'reconnecting', since: at, at: undefined })).toBe('not connected, retrying')
})
