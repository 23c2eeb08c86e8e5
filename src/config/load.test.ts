import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { receiverSchemas } from '../app/registry.ts'
import type { CrossCheck } from './cross-checks.ts'
import { loadConfig } from './load.ts'
import { formatProblem } from './problem.ts'
import type { Config } from './resolve.ts'
import { documentedKeys } from './schema-tree.ts'
import type { ConfigFlags, Variables } from './settings.ts'

const load = (text: string, flags: ConfigFlags = {}, env: Variables = {}) =>
  loadConfig({ flags: { config: '/etc/homeostat/homeostat.yaml', ...flags }, env, readFile: () => text })

function good(text: string, flags: ConfigFlags = {}, env: Variables = {}): Config {
  const result = load(text, flags, env)
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'))
  return result.config
}

function problems(text: string, flags: ConfigFlags = {}, env: Variables = {}): string[] {
  const result = load(text, flags, env)
  return result.ok ? [] : result.problems.map(formatProblem)
}

describe('a bad file', () => {
  const directory = new URL('./fixtures/', import.meta.url)

  it.each(readdirSync(directory))('%s is refused with the problems that it announces', (name) => {
    const text = readFileSync(new URL(name, directory), 'utf8')
    const announced = [...text.matchAll(/^# expect: (.*)$/gm)].map(([, problem]) => problem)

    const readFile = () => text
    const result = loadConfig({ flags: { config: name }, env: {}, readFile, receivers: receiverSchemas })

    expect(announced).not.toEqual([])
    expect(
      result.ok ? [] : result.problems.map(formatProblem).map((problem) => problem.replace(`${name}:`, '')),
    ).toEqual(announced)
  })

  it('never has a secret repeated', () => {
    for (const name of readdirSync(directory)) {
      const text = readFileSync(new URL(name, directory), 'utf8')

      expect(problems(text).join('\n')).not.toContain('hunter2')
    }
  })

  it('that is no YAML is refused with the place', () => {
    expect(problems('source: {type: local\n')[0]).toContain('homeostat.yaml:2:1: is not valid YAML')
    expect(problems('log:\n\tlevel: info\n')[0]).toContain(
      'homeostat.yaml:2:1: is not valid YAML: Tabs are not allowed',
    )
  })

  it('that is nested a hundred thousand levels deep is refused', () => {
    expect(problems('['.repeat(100_000)).length).toBeGreaterThan(0)
    expect(problems('- '.repeat(100_000)).length).toBeGreaterThan(0)
  })

  it('that is larger than 1 MiB is refused', () => {
    expect(problems('#'.repeat(2 ** 20 + 1))).toEqual([
      '/etc/homeostat/homeostat.yaml:1:1: is larger than 1 MiB (a configuration has a few hundred lines: is this the right file?)',
    ])
  })

  it.each([
    ['ENOENT', 'there is no such file (without --config and HOMEOSTAT_CONFIG the built-in defaults hold)'],
    ['EACCES', 'may not be read (check the permissions of the file and of its directories)'],
    ['EISDIR', 'is a directory (name the file in it)'],
    ['EIO', 'cannot be read: EIO'],
  ])('that cannot be read with %s is explained', (code, message) => {
    const readFile = () => {
      throw Object.assign(new Error('no'), { code })
    }

    const result = loadConfig({ flags: { config: 'x.yaml' }, env: {}, readFile })

    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([`x.yaml: ${message}`])
  })

  it('does not hide what further checks find', () => {
    const check: CrossCheck<Config> = function* (config) {
      for (const name of config.features.exclude) {
        yield { path: ['features', 'exclude'], message: `${name} is not a feature`, reads: [['features', 'exclude']] }
      }
    }

    const result = loadConfig({
      flags: { config: 'x.yaml' },
      env: {},
      readFile: () => 'interval: 1\nfeatures: {exclude: [cpu]}\n',
      checks: [check],
    })

    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([
      'x.yaml:1:11: interval: must be a duration from 1s to 1h, not a bare number (for example 15s)',
      'x.yaml:2:21: features.exclude: cpu is not a feature',
    ])
  })
})

describe('a conclusion from several keys', () => {
  it('is not drawn from a key that is wrong by itself', () => {
    expect(problems('threshold: {mode: fixed, value: high}')).toHaveLength(1)
    expect(problems('source: {type: prometheus, prometheus: {url: nonsense}}')).toHaveLength(1)
    expect(problems('data_dir: &u http://p\nsource: {type: prometheus, prometheus: {url: *u}}')).toHaveLength(1)
  })
})

describe('a good file', () => {
  it('has durations in ms, sizes in bytes and shares as 0–1', () => {
    const config = good(`
interval: 1m
targets: {stale_after: 5m}
source: {local: {rate_window: 2m}, prometheus: {max_response_size: 2MiB}}
threshold: {max_alarm_time: 2.5%}
detect: {zscore: {window: 40 readings}}
`)

    expect(config.interval).toBe(60_000)
    expect(config.source.prometheus.max_response_size).toBe(2 * 1024 * 1024)
    expect(config.threshold.max_alarm_time).toBe(0.025)
    expect(config.detect.zscore.window).toBe(40)
  })

  it('may leave a section empty', () => {
    expect(good('detect:\n  zscore:\nweb:\n')).toEqual(good(''))
  })

  it('may be empty but for comments, with Windows line ends and a byte order mark', () => {
    expect(good('\uFEFF# nothing\r\n')).toEqual(good(''))
  })

  it('takes the source from the URL where no type is given', () => {
    expect(good('').source.type).toBe('local')
    expect(good('source: {prometheus: {url: "http://p:9090"}}').source.type).toBe('prometheus')
    expect(good('source: {type: local, prometheus: {url: "http://p:9090"}}').source.type).toBe('local')
  })

  it('may have no source but services that push, whatever the windows of the others', () => {
    expect(good('source: {type: push}\ninterval: 45s\ntargets: {stale_after: 90s}').source.type).toBe('push')
  })

  it('turns the preset classic into its own autoencoder', () => {
    const { autoencoder } = good('features: {preset: classic}').detect

    expect(autoencoder.hidden).toEqual([14, 8, 4, 8, 14])
    expect(autoencoder.context).toBe('none')
    expect(good('').detect.autoencoder).toMatchObject({ hidden: 'auto', context: 'recent' })
    expect(
      good('features: {preset: classic}\ndetect: {autoencoder: {hidden: [6], context: recent}}').detect.autoencoder,
    ).toMatchObject({
      hidden: [6],
      context: 'recent',
    })
  })

  it('reads matchers as Prometheus does', () => {
    const text = `source: {prometheus: {url: 'http://p', matchers: '{job="node", instance=~"web-.*",dc!=''a"b'',}'}}`

    expect(good(text).source.prometheus.matchers).toEqual([
      { label: 'job', op: '=', value: 'node' },
      { label: 'instance', op: '=~', value: 'web-.*' },
      { label: 'dc', op: '!=', value: 'a"b' },
    ])
  })

  it('finds the files that it names from its own directory', () => {
    const { prometheus } = good(`
source:
  prometheus:
    url: https://p
    basic_auth: {username: me, password_file: secrets/password}
    tls: {ca_file: /etc/ssl/ca.pem}
    headers: {X-Api-Key: {file: key}, X-Scope-OrgID: a}
`).source

    expect(prometheus.basic_auth?.password_file).toBe('/etc/homeostat/secrets/password')
    expect(prometheus.tls.ca_file).toBe('/etc/ssl/ca.pem')
    expect(prometheus.headers).toEqual({ 'X-Api-Key': { file: '/etc/homeostat/key' }, 'X-Scope-OrgID': 'a' })
  })

  it('finds the files for Alertmanager from there, too', () => {
    const { alertmanager } = good(`
remediation:
  maintenance:
    alertmanager: {urls: [https://am], authorization: {credentials_file: secrets/am}, tls: {ca_file: ca.pem}}
`).remediation.maintenance

    expect(alertmanager.authorization?.credentials_file).toBe('/etc/homeostat/secrets/am')
    expect(alertmanager.tls.ca_file).toBe('/etc/homeostat/ca.pem')
  })

  it('may serve beyond loopback when it says so', () => {
    expect(good('web: {listen_address: ":9797", allow_unauthenticated: true}').web.listen_address).toEqual({
      host: '::',
      port: 9797,
    })
    expect(good('web: {listen_address: "[::1]:9797"}').web.listen_address).toEqual({ host: '::1', port: 9797 })
  })
})

describe('flags and environment', () => {
  it('win over the file, and the flag over the variable', () => {
    const env = { HOMEOSTAT_DATA_DIR: '/env', HOMEOSTAT_LOG_LEVEL: 'warn', PROMETHEUS_URL: 'http://env:9090' }
    const flags = { 'data-dir': '/flag', 'web.listen-address': 'localhost:1' }

    const config = good(
      'data_dir: /file\nlog: {level: error}\nsource: {prometheus: {url: "http://file:9090"}}',
      flags,
      env,
    )

    expect(config.data_dir).toBe('/flag')
    expect(config.log.level).toBe('warn')
    expect(config.source.prometheus.url).toBe('http://env:9090')
    expect(config.web.listen_address).toEqual({ host: 'localhost', port: 1 })
  })

  it('name the file, without which the defaults hold', () => {
    const reads: string[] = []
    const readFile = (path: string) => {
      reads.push(path)
      return ''
    }

    loadConfig({ flags: {}, env: {}, readFile })
    loadConfig({ flags: {}, env: { HOMEOSTAT_CONFIG: 'a.yaml' }, readFile })
    loadConfig({ flags: { config: 'b.yaml' }, env: { HOMEOSTAT_CONFIG: 'a.yaml' }, readFile })

    expect(reads).toEqual(['a.yaml', 'b.yaml'])
  })

  it('are blamed by name when they are wrong', () => {
    const env = { PROMETHEUS_URL: 'http://me:hunter2@p:9090' }

    expect(problems('log: {level: loud}', { 'log-level': 'lod', 'web.listen-address': '0.0.0.0:9797' }, env)).toEqual([
      'PROMETHEUS_URL: source.prometheus.url: must not hold a user name or a password (use basic_auth with password_file or password_env)',
      '--log-level: log.level: must be one of debug, info, warn, error',
      '--web.listen-address: web.listen_address: 0.0.0.0 is reachable from other machines, and nobody is asked who they are (set web.auth, or listen on 127.0.0.1, or set web.allow_unauthenticated: true and guard the port yourself)',
    ])
  })

  it('count as unset when empty', () => {
    expect(good('', {}, { PROMETHEUS_URL: '', HOMEOSTAT_DATA_DIR: '' })).toEqual(good(''))
  })
})

describe('any text at all', () => {
  const keys = documentedKeys().map(({ key }) => key)
  const scalar = fc.oneof(
    fc.constantFrom('15s', 'auto', 'local', '2%', '64MiB', ''),
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), tie('value'), { maxKeys: 4 }),
    ),
  }))

  const check = (text: string) => {
    const result = load(text)
    expect(result.ok || result.problems.length > 0).toBe(true)
    if (!result.ok) for (const problem of result.problems) expect(problem.message).not.toBe('')
  }

  it('is accepted or refused with problems, never thrown at', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), check), { numRuns: 500 })
  })

  it('of plausible keys and values is accepted or refused with problems', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 5 }), (input) =>
        check(JSON.stringify(input)),
      ),
      {
        numRuns: 500,
      },
    )
  })

  it('made from the default file by one slip is accepted or refused with problems', () => {
    const text = readFileSync(new URL('../../config/homeostat.yaml', import.meta.url), 'utf8').replaceAll(
      /^ *# .*\n/gm,
      '',
    )
    const slip = fc.tuple(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 8 }))
    fc.assert(
      fc.property(slip, ([at, length, insert]) => check(text.slice(0, at) + insert + text.slice(at + length))),
      { numRuns: 300 },
    )
  })
})
