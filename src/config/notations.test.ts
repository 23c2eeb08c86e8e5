import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { didYouMean } from './did-you-mean.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { isLoopback, parseListenAddress } from './listen-address.ts'
import { parseMatchers } from './matchers.ts'
import { parseSize } from './size.ts'

describe('parseDuration', () => {
  it.each([
    ['15s', 15 * 1000],
    ['1m30s', (60 + 30) * 1000],
    ['7d', 7 * 24 * 60 * 60 * 1000],
    ['2w', 14 * 24 * 60 * 60 * 1000],
    ['1h1ms', 60 * 60 * 1000 + 1],
    ['0s', 0],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', '15', '15 s', '1.5h', '-1s', '30s1m', '1s1s', '1y', '99999999999999999d'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it('reads back what formatDuration writes', () => {
    fc.assert(fc.property(fc.nat(2 ** 40), (ms) => parseDuration(formatDuration(ms)) === ms))
  })
})

describe('parseSize', () => {
  it('reads binary units and refuses others', () => {
    expect(parseSize('64MiB')).toBe(64 * 1024 * 1024)
    expect(parseSize('512B')).toBe(512)
    for (const text of ['64MB', '64', '1.5GiB', '-1B', '']) expect(parseSize(text)).toBeUndefined()
  })
})

describe('parseListenAddress', () => {
  it.each([
    ['127.0.0.1:9797', { host: '127.0.0.1', port: 9797 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
    [':9797', { host: '::', port: 9797 }],
    ['[::1]:1', { host: '::1', port: 1 }],
  ])('reads %s', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address)
  })

  it.each(['9797', 'localhost', '::1:9797', '127.0.0.1:65536', '[localhost]:1', 'http://localhost:1', 'a b:1', ''])(
    'refuses %j',
    (text) => {
      expect(parseListenAddress(text)).toBeUndefined()
    },
  )
})

describe('isLoopback', () => {
  it('holds for what only this machine can reach', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST'])
      expect(isLoopback(host)).toBe(true)
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'localhost.evil', '127.0.0.1.evil'])
      expect(isLoopback(host)).toBe(false)
  })
})

describe('parseMatchers', () => {
  it('takes nothing for everything', () => {
    expect(parseMatchers('')).toEqual([])
    expect(parseMatchers(' { } ')).toEqual([])
  })

  it('undoes escapes', () => {
    expect(parseMatchers('{a="\\"\\\\\\n"}')).toEqual([{ label: 'a', op: '=', value: '"\\\n' }])
  })

  it.each([
    '{',
    'a="b"',
    '{a=b}',
    '{a="b" c="d"}',
    '{,}',
    '{a="b",,}',
    '{"a"="b"}',
    '{a="\\x"}',
    '{a=~"(?<=x)"}',
    '{a="b"} or up',
  ])('refuses %j', (text) => {
    expect(parseMatchers(text)).toHaveProperty('problem')
  })

  it('answers to any text in linear time', () => {
    fc.assert(fc.property(fc.string(), (text) => parseMatchers(`{${text}}`) !== undefined))
    expect(parseMatchers(`{a="${'\\\\'.repeat(50_000)}`)).toHaveProperty('problem')
  })
})

describe('didYouMean', () => {
  it('finds the nearest word', () => {
    expect(didYouMean('intervall', ['interval', 'source'])).toBe('interval')
    expect(didYouMean('promethues', ['local', 'prometheus'])).toBe('prometheus')
    expect(didYouMean('staleAfter', ['stale_after', 'gone_after'])).toBe('stale_after')
  })

  it('stays silent where nothing is near', () => {
    expect(didYouMean('banana', ['interval', 'source'])).toBeUndefined()
    expect(didYouMean('', [])).toBeUndefined()
  })
})
