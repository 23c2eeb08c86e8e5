import { describe, expect, it } from 'vitest'
import { EffectError } from '../../pipeline/effects.ts'
import { blockListOf, pinAddress, type Resolve } from './address.ts'

const nobody: Resolve = async () => {
  throw Object.assign(new Error('queryA'), { code: 'ENOTFOUND' })
}

async function pin(url: string, resolve: Resolve = nobody, allowed: readonly string[] = []): Promise<string> {
  try {
    return (await pinAddress(new URL(url), blockListOf(allowed), resolve)).address
  } catch (error) {
    if (error instanceof EffectError) return `${error.reason}, ${error.happened}`
    throw error
  }
}

const answering =
  (...addresses: string[]): Resolve =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

describe('an address that is not public', () => {
  it.each([
    'http://169.254.169.254/',
    'http://2852039166/',
    'http://0xA9FEA9FE/',
    'http://0251.0376.0251.0376/',
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://100.64.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:7f00:1]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[2002:a9fe:a9fe::1]/',
    'http://①②⑦.0.0.1/',
  ])('%s is refused', async (url) => {
    expect(await pin(url)).toBe('invalid, no')
  })

  it.each([['127.0.0.1'], ['169.254.169.254'], ['::1'], ['::ffff:10.0.0.1'], ['93.184.216.34', '10.0.0.1']])(
    'is refused behind a name too: %s',
    async (...addresses) => {
      expect(await pin('http://lb.example.com/', answering(...addresses))).toBe('invalid, no')
    },
  )

  it.each([
    ['http://10.1.2.3/', '10.0.0.0/8', '10.1.2.3'],
    ['http://[fd00::5]/', 'fd00::/8', 'fd00::5'],
    ['http://127.0.0.1/', '127.0.0.1', '127.0.0.1'],
  ])('%s is taken where %s is listed', async (url, network, expected) => {
    expect(await pin(url, nobody, [network])).toBe(expected)
    expect(await pin('http://169.254.169.254/', nobody, [network])).toBe('invalid, no')
  })
})

describe('a public address', () => {
  it.each([
    ['http://93.184.216.34/', '93.184.216.34'],
    ['http://172.32.0.1/', '172.32.0.1'],
    ['http://[2606:2800:220:1::1]/', '2606:2800:220:1::1'],
  ])('%s is taken', async (url, expected) => {
    expect(await pin(url)).toBe(expected)
  })

  it('of a name is the first that the one answer gives', async () => {
    let asked = 0
    const resolve: Resolve = async () => {
      asked += 1
      return [
        { address: '93.184.216.34', family: 4 },
        { address: '93.184.216.35', family: 4 },
      ]
    }

    expect(await pin('http://lb.example.com/', resolve)).toBe('93.184.216.34')
    expect(asked).toBe(1)
  })

  it('is missing when the name is not known', async () => {
    expect(await pin('http://lb.example.com/')).toBe('unavailable, no')
    expect(await pin('http://lb.example.com/', async () => [])).toBe('unavailable, no')
  })
})

it('a list of addresses refuses what is none', () => {
  for (const entry of ['10.0.0.0/33', 'ten', '10.0.0.0/', 'fd00::/129', '10.0.0.0/8/8']) {
    expect(() => blockListOf([entry])).toThrow(entry.slice(0, 3))
  }
})
