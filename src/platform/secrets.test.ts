import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Environment } from './environment.ts'
import { readSecret, redactUrls, Secret } from './secrets.ts'

const environment = (variables: Record<string, string>, files: Record<string, string> = {}): Environment => ({
  variables,
  hostName: 'test',
  readFile: (path) => {
    if (path in files) return files[path]
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  },
})

describe('Secret', () => {
  it('never shows itself', () => {
    const secret = new Secret('hunter2')

    const shown = [
      `${secret}`,
      String(secret),
      `${secret}x`,
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect(secret, { showHidden: true }),
    ]

    for (const text of shown) {
      expect(text).toContain('<secret>')
      expect(text).not.toContain('hunter2')
    }
    expect(Object.values(secret)).toEqual([])
    expect(secret.reveal()).toBe('hunter2')
  })
})

describe('readSecret', () => {
  it('reads a file without the line end, or a variable', () => {
    expect(readSecret({ file: '/run/key' }, environment({}, { '/run/key': 'hunter2\n' })).reveal()).toBe('hunter2')
    expect(readSecret({ env: 'KEY' }, environment({ KEY: 'hunter2' })).reveal()).toBe('hunter2')
  })

  it('says what is wrong without the content', () => {
    expect(() => readSecret({ file: '/nope' }, environment({}))).toThrow(
      'the secret in the file /nope cannot be read: there is no such file (put it there, or correct the path',
    )
    expect(() => readSecret({ env: 'KEY' }, environment({}))).toThrow('the variable is not set')
    expect(() => readSecret({ env: 'KEY' }, environment({ KEY: ' \n' }))).toThrow('is empty')
    expect(() => readSecret({ env: 'KEY' }, environment({ KEY: 'a\r\nX-Injected: b' }))).toThrow(
      'has more than one line',
    )
    expect(() => readSecret({ env: 'KEY' }, environment({ KEY: 'a'.repeat(70_000) }))).toThrow('is longer than 64 KiB')
  })
})

describe('redactUrls', () => {
  it('blots out credentials and leaves the rest', () => {
    expect(redactUrls('get http://me:hunter2@p:9090/a?x=1&access_token=hunter2&y=2 failed')).toBe(
      'get http://<secret>@p:9090/a?x=1&access_token=<secret>&y=2 failed',
    )
    expect(redactUrls('http://p:9090/a@b?query=up')).toBe('http://p:9090/a@b?query=up')
  })

  it('takes linear time', () => {
    const hostile = ['a', '://', '?a', '&token', '://a:b'].map((part) => part.repeat(200_000))

    const start = performance.now()
    for (const text of hostile) redactUrls(text)

    expect(performance.now() - start).toBeLessThan(1000)
  })
})
