import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fakeWire } from '../act/testing/fake-wire.ts'
import { manualClock } from '../act/testing/manual-clock.ts'
import { CONTAINER_ID, containerJson } from '../act/testing/objects.ts'
import { EffectError, type EffectRequest, type Effects } from '../pipeline/effects.ts'
import { effectsOf, environmentOf, requestOf } from './testing/effects-of.ts'

const directory = mkdtempSync(join(tmpdir(), 'homeostat-effects-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const never = new AbortController().signal
const clock = manualClock()

async function refusal(promise: Promise<unknown>): Promise<EffectError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof EffectError)) throw error
  return error
}

/** What comes of preparing: the call, or the refusal. */
async function prepared(effects: Effects, request: EffectRequest): Promise<string> {
  try {
    return (await effects.prepare(request, never)).call
  } catch (error) {
    if (error instanceof EffectError) return `${error.reason}: ${error.message}`
    throw error
  }
}

const HOSTILE = [
  '; reboot',
  '`id`',
  '&& rm -rf /',
  'web\0',
  '../../etc/passwd',
  '{{ .Labels }}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: somebody else's template, as text
  '${process.env.X}',
  "{{constructor.constructor('return process')()}}",
  'wеb-1',
  'a'.repeat(4096),
]

describe('a label that reaches an action', () => {
  const text = `
actions:
  targets: [{match: '{job="cadvisor"}', container: {label: name, pattern: '[^<]*'}}]
  exec:
    commands:
      - {name: flush, match: '{job="node"}', argv: [/bin/echo, --host], slots: [{label: host, pattern: '[a-z0-9-]{1,63}'}]}
  http:
    requests:
      - name: drain
        match: '{job="node"}'
        url: https://lb.example.com/drain
        query: {host: {label: host, pattern: '[a-z0-9-]{1,63}'}}
        body: {host: {label: host, pattern: '[a-z0-9-]{1,63}'}, why: sick}
`

  function lab() {
    const wire = fakeWire(() => ({ status: 200, body: containerJson() }))
    const commands: (readonly string[])[] = []
    const effects = effectsOf(text, {
      clock,
      send: wire.send,
      resolve: async () => [{ address: '93.184.216.34', family: 4 }],
      runCommand: async ({ argv }) => {
        commands.push(argv)
        return { exitCode: 0, stdout: '', stderr: '' }
      },
    })
    return { effects, wire, commands }
  }

  it.each(HOSTILE.map((value) => [value.slice(0, 40), value]))(
    'with the value %j starts nothing and sends nothing',
    async (_, host) => {
      const { effects, wire, commands } = lab()

      const answers = [
        await refusal(effects.prepare(requestOf('exec', { command: 'flush' }, { host }), never)),
        await refusal(effects.prepare(requestOf('http', { request: 'drain' }, { host }), never)),
        await refusal(effects.prepare(requestOf('restart', {}, { job: 'cadvisor', name: host }), never)),
      ]

      for (const { reason, happened, message } of answers) {
        expect([reason, happened]).toEqual(['invalid', 'no'])
        expect(message).toMatch(/^[\x20-\x7e’…]+$/)
        expect(message.length).toBeLessThan(400)
      }
      expect([wire.sent, commands]).toEqual([[], []])
    },
  )

  it('becomes an argument of its own behind --', async () => {
    const { effects, commands } = lab()
    const effect = await effects.prepare(requestOf('exec', { command: 'flush' }, { host: 'web-1' }), never)

    await effect.run(never)

    expect(commands).toEqual([['/bin/echo', '--host', '--', 'web-1']])
    expect(effect.call).toBe('/bin/echo --host -- web-1 (in /)')
  })

  it('goes into query and body of a request, never into its address', async () => {
    const { effects, wire } = lab()
    const effect = await effects.prepare(requestOf('http', { request: 'drain' }, { host: 'web-1' }), never)

    await effect.run(never)

    expect(wire.sent).toMatchObject([
      { method: 'POST', path: '/drain?host=web-1', body: '{"host":"web-1","why":"sick"}' },
    ])
    expect(effect.call).toBe(
      'POST https://lb.example.com/drain?host=web-1 {"host":"web-1","why":"sick"} (to 93.184.216.34)',
    )
  })

  it('cannot give an alert another target than its own', async () => {
    const { effects } = lab()
    const request = requestOf('exec', { command: 'flush' }, { host: 'web-1' })
    const forged = { ...request, target: { id: 'x@other', labels: { instance: 'x', job: 'other' } } }

    expect((await refusal(effects.prepare(forged, never))).reason).toBe('unmapped')
  })
})

describe('a mapping', () => {
  const mapped = (targets: string, environment = environmentOf()) => {
    const wire = fakeWire(() => ({ status: 200, body: containerJson() }))
    return { wire, effects: effectsOf(`actions: {targets: ${targets}}`, { clock, send: wire.send, environment }) }
  }

  it('takes a name from a label', async () => {
    const pattern = "'([a-z0-9-]+):[0-9]+'"
    const { effects, wire } = mapped(`[{match: '{job="node"}', container: {label: instance, pattern: ${pattern}}}]`)

    await prepared(effects, requestOf('restart'))

    expect(wire.sent.map(({ path }) => path)).toEqual(['/containers/web-1/json'])
  })

  it('that calls a target two things is refused', async () => {
    const { effects, wire } = mapped(
      `[{match: '{job="node"}', container: web}, {match: '{instance="web-1:9100"}', container: db}]`,
    )

    expect(await prepared(effects, requestOf('restart'))).toBe(
      'invalid: the target "web-1:9100@node" is container web by actions.targets[0] and container db by actions.targets[1]: it must be one of them',
    )
    expect(wire.sent).toEqual([])
  })

  it('that says the same twice is one', async () => {
    const { effects } = mapped(
      `[{match: '{job="node"}', container: web}, {match: '{instance="web-1:9100"}', container: web}]`,
    )

    expect(await prepared(effects, requestOf('restart'))).toContain('POST /containers/')
  })

  it('to something that cannot do it is refused in words', async () => {
    const { effects } = mapped(`[{match: '{job="node"}', container: web}]`)

    expect(await prepared(effects, requestOf('scale_up'))).toContain('Docker has no replicas')
    expect(effects.selector(requestOf('scale_up')).ok).toBe(false)
  })

  it('to a protected container is refused, whatever label names it', async () => {
    const { effects, wire } = mapped(`[{match: '{job="cadvisor"}', container: {label: name, pattern: '[a-z]+'}}]`)

    const answer = await prepared(effects, requestOf('restart', {}, { job: 'cadvisor', name: 'prometheus' }))

    expect(answer).toBe('protected: container prometheus is never touched: it is listed under actions.protected')
    expect(effects.protectedBy(requestOf('restart', {}, { job: 'cadvisor', name: 'prometheus' }))).toBe(
      'container prometheus: it is listed under actions.protected',
    )
    expect(wire.sent).toEqual([])
  })
})

describe('a container', () => {
  const MAPPED = `{targets: [{match: '{job="node"}', container: web}]}`

  function lab(
    shown: () => unknown,
    {
      environment = environmentOf(),
      source = '',
    }: { environment?: ReturnType<typeof environmentOf>; source?: string } = {},
  ) {
    const wire = fakeWire(({ method, path }) => {
      if (path === '/info') return { status: 200, body: { NCPU: 4 } }
      return { status: method === 'GET' ? 200 : 204, body: method === 'GET' ? shown() : '' }
    })
    return { wire, effects: effectsOf(`actions: ${MAPPED}\n${source}`, { clock, send: wire.send, environment }) }
  }

  it('without the label is not touched', async () => {
    const { effects } = lab(() => containerJson({ labels: { 'homeostat.enable': 'false' } }))

    expect(await prepared(effects, requestOf('restart'))).toContain('protected: container web is never touched')
  })

  it.each([
    ['its id among our control groups', environmentOf({ '/proc/self/cgroup': `0::/docker/${CONTAINER_ID}\n` })],
    [
      'its id among our mounts',
      environmentOf({ '/proc/self/mountinfo': `1 2 /var/lib/docker/containers/${CONTAINER_ID}/hostname\n` }),
    ],
    ['its id for our host name', environmentOf({}, CONTAINER_ID.slice(0, 12))],
  ])('with %s is us, and not touched', async (_, environment) => {
    const { effects } = lab(() => containerJson(), { environment })

    expect(await prepared(effects, requestOf('restart'))).toContain('never touched: Homeostat runs in it')
  })

  it.each([
    ['name', 'http://web:9090', containerJson()],
    [
      'service of a compose file',
      'http://prom:9090',
      containerJson({ labels: { 'homeostat.enable': 'true', 'com.docker.compose.service': 'prom' } }),
    ],
    ['address', 'http://172.17.0.2:9090', containerJson()],
    [
      'published port',
      'http://localhost:9090',
      containerJson({ networkSettings: { Ports: { '9090/tcp': [{ HostPort: '9090' }] } } }),
    ],
  ])('that is our Prometheus by its %s is not touched', async (_, url, shown) => {
    const { effects } = lab(() => shown, { source: `source: {prometheus: {url: "${url}"}}` })

    expect(await prepared(effects, requestOf('restart'))).toContain('never touched: it is our Prometheus')
  })

  it('that is our database by its name is not touched', async () => {
    const { effects } = lab(() => containerJson(), {
      source: 'store: {url: "postgres://homeostat@web:5432/homeostat"}',
    })

    expect(await prepared(effects, requestOf('restart'))).toContain('never touched: it is our database')
  })

  it('that its own restart policy started anew is still the one that was looked at', async () => {
    let restarts = 4
    const { effects, wire } = lab(() => containerJson({ startedAt: `start ${restarts}`, restartCount: restarts++ }))
    const effect = await effects.prepare(requestOf('restart'), never)

    await effect.run(never)

    expect(wire.changes().map(({ path }) => path)).toEqual([`/containers/${CONTAINER_ID}/restart?t=10`])
  })

  it('whose limit is as low already is not throttled again', async () => {
    const { effects } = lab(() => containerJson({ hostConfig: { NanoCpus: 500_000_000 } }))

    expect(await prepared(effects, requestOf('throttle', { cpus: 0.5 }))).toContain('limited to 0.5 CPUs already')
  })

  it('with an older limit keeps its notation, which the engine would not mix', async () => {
    const { effects, wire } = lab(() => containerJson({ hostConfig: { CpuQuota: 200_000, CpuPeriod: 100_000 } }))
    const effect = await effects.prepare(requestOf('throttle', { cpus: 0.5 }), never)

    const { undo } = await effect.run(never)

    expect(wire.changes().map(({ body }) => body)).toEqual(['{"CpuPeriod":100000,"CpuQuota":50000}'])
    expect(undo).toEqual({ container: CONTAINER_ID, cpus: 2, expected: 0.5 })
  })

  it('gets back what it had: all processors where it had no limit', async () => {
    const { effects, wire } = lab(() => containerJson({ hostConfig: { NanoCpus: 500_000_000 } }))
    const undo = { container: CONTAINER_ID, cpus: 0, expected: 0.5 }

    const effect = await effects.prepareUndo(requestOf('throttle'), undo, never)
    await effect.run(never)

    expect(wire.changes().map(({ body }) => body)).toEqual([`{"NanoCpus":${4 * 1e9}}`])
  })

  it.each([
    [{ container: 'another', cpus: 0, expected: 0.5 }, 'made anew'],
    [{ container: CONTAINER_ID, cpus: 0, expected: 0.25 }, 'somebody else changed it'],
    [{ replicas: 3 }, 'not readable'],
  ])('is not put back by %j', async (undo, words) => {
    const { effects, wire } = lab(() => containerJson({ hostConfig: { NanoCpus: 500_000_000 } }))

    const error = await refusal(effects.prepareUndo(requestOf('throttle'), undo, never))

    expect(error.message).toContain(words)
    expect(error.happened).toBe('no')
    expect(wire.changes()).toEqual([])
  })

  it('of an engine without that call, as podman, says so', async () => {
    // Recorded: `POST /containers/web/update` to podman 4.3.1, which answers so for every call that it has not.
    const wire = fakeWire(({ method }) =>
      method === 'GET' ? { status: 200, body: containerJson() } : { status: 404, body: 'Not Found\n' },
    )
    const effects = effectsOf(`actions: ${MAPPED}`, { clock, send: wire.send })
    const effect = await effects.prepare(requestOf('throttle'), never)

    const error = await refusal(effect.run(never))

    expect(error).toMatchObject({ reason: 'rejected', happened: 'no' })
    expect(error.message).toContain('as podman does')
  })
})

describe('what has no undo', () => {
  it('says so', async () => {
    const effects = effectsOf(`actions: {targets: [{match: '{job="node"}', container: web}]}`, { clock })

    const error = await refusal(effects.prepareUndo(requestOf('restart'), {}, never))

    expect(error).toMatchObject({ reason: 'invalid', happened: 'no' })
    expect(error.message).toContain('restart cannot be undone')
  })
})

describe('a request with secrets', () => {
  it('sends them and shows none of them', async () => {
    const wire = fakeWire(() => ({ status: 200 }))
    const effects = effectsOf(
      `
actions:
  http:
    requests:
      - name: page
        match: '{job="node"}'
        url: https://pager.example.com/v2
        query: {token: {file: /run/secrets/pager}}
        body: {routing_key: {file: /run/secrets/pager}, summary: sick}
        headers: {X-Token: {file: /run/secrets/pager}}
`,
      {
        clock,
        send: wire.send,
        resolve: async () => [{ address: '93.184.216.34', family: 4 }],
        environment: environmentOf({ '/run/secrets/pager': 'hunter2' }),
      },
    )
    const effect = await effects.prepare(requestOf('http', { request: 'page' }), never)

    await effect.run(never)

    expect(effect.call).not.toContain('hunter2')
    expect(effect.call).toContain('{"routing_key":"<secret>","summary":"sick"}')
    expect(wire.sent).toMatchObject([
      {
        path: '/v2?token=hunter2',
        body: '{"routing_key":"hunter2","summary":"sick"}',
        headers: { 'X-Token': 'hunter2' },
      },
    ])
  })
})

describe('a request to a place that it must not reach', () => {
  it('opens no connection', async () => {
    let connections = 0
    const server = createServer((_, response) => response.end())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    server.on('connection', () => {
      connections += 1
    })
    const { port } = server.address() as AddressInfo
    const request = (url: string) =>
      `{name: drain, match: '{job="node"}', url: "${url}", query: {token: {file: /run/secrets/lb}}}`
    const urls = [
      `http://127.0.0.1:${port}/`,
      `http://2130706433:${port}/`,
      `http://0x7f000001:${port}/`,
      `http://lb.example.com:${port}/`,
    ]

    for (const url of urls) {
      const effects = effectsOf(`actions: {http: {requests: [${request(url)}]}}`, {
        clock,
        resolve: async () => [{ address: '127.0.0.1', family: 4 }],
      })
      const error = await refusal(effects.prepare(requestOf('http', { request: 'drain' }), never))
      expect(error).toMatchObject({ reason: 'invalid', happened: 'no' })
      expect(error.message).toContain('is 127.0.0.1, which is not a public address')
      expect(error.message).not.toContain('hunter2')
    }

    expect(connections).toBe(0)
    server.close()
  })

  it('is connected to the one address that was judged, where that is allowed', async () => {
    const hosts: unknown[] = []
    const server = createServer((request, response) => {
      hosts.push(request.headers.host)
      response.end()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    let asked = 0
    const effects = effectsOf(
      `actions: {http: {allow_addresses: [127.0.0.1], requests: [{name: drain, match: '{job="node"}', url: "http://lb.example.com:${port}/"}]}}`,
      {
        clock,
        // The second answer is another: rebinding.
        resolve: async () => [{ address: asked++ === 0 ? '127.0.0.1' : '169.254.169.254', family: 4 }],
      },
    )

    const effect = await effects.prepare(requestOf('http', { request: 'drain' }), never)
    await effect.run(never)

    expect(hosts).toEqual([`lb.example.com:${port}`])
    expect(asked).toBe(1)
    server.close()
  })
})

describe('a systemd unit', () => {
  /** A systemctl that answers `show` and writes down what else it is asked. */
  function fakeSystemctl(show: string, restart = 'exit 0'): { path: string; log: string } {
    const path = join(directory, `systemctl-${Math.abs(hash(show + restart))}`)
    const log = `${path}.log`
    const lines = [
      '#!/bin/sh',
      `if [ "$1" = show ]; then printf '${show}'; exit 0; fi`,
      `printf '%s\\n' "$@" >> ${log}`,
      restart,
    ]
    writeFileSync(path, `${lines.join('\n')}\n`)
    chmodSync(path, 0o755)
    return { path, log }
  }

  const hash = (text: string) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7)
  const SHOWN = 'Id=web.service\\nLoadState=loaded\\nActiveState=failed\\nInvocationID=one\\nNRestarts=2\\n'
  const effectsFor = (systemctl: string, environment = environmentOf()) =>
    effectsOf(`actions: {systemd: {systemctl: ${systemctl}}, targets: [{match: '{job="node"}', unit: web.service}]}`, {
      clock,
      environment,
    })

  it('is restarted by systemctl, with the name behind --', async () => {
    const { path, log } = fakeSystemctl(SHOWN)
    const effect = await effectsFor(path).prepare(requestOf('restart'), never)

    const outcome = await effect.run(never)

    expect(effect.call).toBe(`${path} restart -- web.service`)
    expect(readFileSync(log, 'utf8')).toBe('restart\n--\nweb.service\n')
    expect(outcome.message).toBe('unit web.service restarted')
  })

  it.each([
    ['Interactive authentication required.', 'unauthorized', 'no'],
    ['Unit web.service not found.', 'not_found', 'no'],
    ['Failed to connect to bus: No such file or directory', 'unavailable', 'no'],
    ['Job for web.service failed because the control process exited', 'rejected', 'unknown'],
  ])('whose restart ends with "%s" is %s, happened %s', async (words, reason, happened) => {
    const { path } = fakeSystemctl(SHOWN, `echo '${words}' >&2; exit 1`)
    const effect = await effectsFor(path).prepare(requestOf('restart'), never)

    expect(await refusal(effect.run(never))).toMatchObject({ reason, happened })
  })

  it('that systemd does not know is not found', async () => {
    const { path } = fakeSystemctl('Id=web.service\\nLoadState=not-found\\n')

    expect((await refusal(effectsFor(path).prepare(requestOf('restart'), never))).reason).toBe('not_found')
  })

  it('that we run in, or that is protected under its real name, is not touched', async () => {
    const own = environmentOf({ '/proc/self/cgroup': '0::/system.slice/web.service\n' })
    const alias = fakeSystemctl('Id=prometheus.service\\nLoadState=loaded\\nInvocationID=one\\n')

    const answers = [
      await refusal(effectsFor(fakeSystemctl(SHOWN).path, own).prepare(requestOf('restart'), never)),
      await refusal(effectsFor(alias.path).prepare(requestOf('restart'), never)),
    ]

    expect(answers.map(({ reason }) => reason)).toEqual(['protected', 'protected'])
  })
})
