import { afterAll, describe, expect, it } from 'vitest'
import type { CommandResult, RunCommand } from '../act/backends/command.ts'
import { stopReason } from '../act/deadline.ts'
import type { ResourceKind } from '../act/resource.ts'
import { fakeWire, type Reply } from '../act/testing/fake-wire.ts'
import { manualClock } from '../act/testing/manual-clock.ts'
import { containerJson, ingressJson, podJson, scaleJson, workloadJson } from '../act/testing/objects.ts'
import { EffectError, type EffectFailure, type EffectRequest } from '../pipeline/effects.ts'
import { actions } from './registry.ts'
import { effectsOf, environmentOf, kubeconfigFile, requestOf, TOKEN } from './testing/effects-of.ts'

/** What every action does alike, whatever it acts on. A new action brings its line in WAYS. */
interface Way {
  readonly action: EffectRequest['action']
  /** Undefined for an action without a mapped resource. */
  readonly kind?: ResourceKind
  readonly parameters?: EffectRequest['parameters']
  /** What it changes the world with. */
  readonly by: 'wire' | 'command' | 'nothing'
  /** Answer to a look, before and, where somebody else was faster, after. */
  readonly look?: unknown
  readonly changed?: unknown
}

const scale = scaleJson()
const WAYS: readonly Way[] = [
  {
    action: 'restart',
    kind: 'container',
    by: 'wire',
    look: containerJson(),
    changed: containerJson({ startedAt: 'later' }),
  },
  { action: 'restart', kind: 'unit', by: 'command', look: unitState('one'), changed: unitState('two') },
  { action: 'restart', kind: 'pod', by: 'wire', look: podJson() },
  { action: 'restart', kind: 'deployment', by: 'wire', look: workloadJson() },
  { action: 'restart', kind: 'statefulset', by: 'wire', look: workloadJson('StatefulSet') },
  { action: 'scale_up', kind: 'deployment', by: 'wire', look: scale },
  { action: 'scale_up', kind: 'statefulset', by: 'wire', look: scale },
  { action: 'scale_down', kind: 'deployment', by: 'wire', look: scale },
  { action: 'scale_down', kind: 'statefulset', by: 'wire', look: scale },
  { action: 'throttle', kind: 'ingress', by: 'wire', look: ingressJson() },
  {
    action: 'throttle',
    kind: 'container',
    by: 'wire',
    look: containerJson(),
    changed: containerJson({ startedAt: 'later' }),
  },
  { action: 'exec', parameters: { command: 'flush' }, by: 'command' },
  { action: 'http', parameters: { request: 'drain' }, by: 'wire' },
  { action: 'alert', by: 'nothing' },
]

const kubeconfig = kubeconfigFile('http://127.0.0.1:1')
afterAll(() => kubeconfig.remove())

const SECRET = 'hunter2-of-the-balancer'
const PASSWORD = 'hunter2-of-the-program'
const environment = environmentOf({ '/run/secrets/lb': SECRET, '/run/secrets/password': PASSWORD })

const NAMES: Readonly<Record<ResourceKind, string>> = {
  container: 'container: web',
  unit: 'unit: web.service',
  pod: 'pod: web-1, namespace: shop',
  deployment: 'deployment: web, namespace: shop, max_replicas: 5',
  statefulset: 'statefulset: web, namespace: shop, max_replicas: 5',
  ingress: 'ingress: web, namespace: shop',
}

function configFor({ kind }: Way): string {
  const targets = kind === undefined ? '[]' : `[{match: '{job="node"}', ${NAMES[kind]}}]`
  return `
source: {prometheus: {url: "http://prometheus:9090"}}
actions:
  targets: ${targets}
  kubernetes: {kubeconfig: ${kubeconfig.path}, namespaces: [shop]}
  exec:
    commands:
      - {name: flush, match: '{job="node"}', argv: [/bin/flush], env: {PASSWORD: {file: /run/secrets/password}}}
  http:
    requests:
      - name: drain
        match: '{job="node"}'
        url: https://lb.example.com/drain
        authorization: {credentials_file: /run/secrets/lb}
`
}

function unitState(invocation: string): string {
  return `Id=web.service\nLoadState=loaded\nActiveState=active\nInvocationID=${invocation}\nNRestarts=0\n`
}

interface Script {
  /** For the request that changes something. */
  readonly reply?: Reply
  /** For the command that changes something. */
  readonly ends?: Partial<CommandResult> | 'never' | 'not started'
  /** Whether looks from the second on show what somebody else did. */
  readonly overtaken?: boolean
}

/** The way, ready to be walked, with a count of what it changed. */
function walk(way: Way, { reply = { status: 200 }, ends = {}, overtaken = false }: Script = {}) {
  const clock = manualClock()
  let looks = 0
  const look = () => (overtaken && looks++ > 0 ? way.changed : way.look)
  const wire = fakeWire(({ method, path }) => {
    if (method !== 'GET') return reply
    return { status: 200, body: path === '/info' ? { NCPU: 4 } : look() }
  })
  const commands: (readonly string[])[] = []
  const runCommand: RunCommand = async ({ argv }, signal) => {
    if (argv[1] === 'show') return { exitCode: 0, stdout: String(look()), stderr: '' }
    if (ends === 'not started') throw new EffectError('not_found', 'no', 'no such program')
    commands.push(argv)
    if (ends === 'never') {
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new EffectError(stopReason(signal), 'unknown', 'killed')))
      })
    }
    return { exitCode: 0, stdout: '', stderr: '', ...ends }
  }
  const resolve = async () => [{ address: '93.184.216.34', family: 4 as const }]
  const effects = effectsOf(configFor(way), { clock, environment, send: wire.send, runCommand, resolve })
  const request = requestOf(way.action, way.parameters)
  return { clock, effects, request, changes: () => wire.changes().length + commands.length }
}

const never = new AbortController().signal

async function errorOf(promise: Promise<unknown>): Promise<EffectError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof EffectError)) throw error
  return error
}

async function runError(way: Way, script: Script): Promise<EffectError> {
  const { effects, request } = walk(way, script)
  const effect = await effects.prepare(request, never)
  return errorOf(effect.run(never))
}

const nameOf = ({ action, kind }: Way) => (kind === undefined ? action : `${action} of a ${kind}`)
const named = (ways: readonly Way[]) => ways.map((way): [string, Way] => [nameOf(way), way])

describe('the ways of this suite', () => {
  it('are all that the registry has', () => {
    const registered = actions.flatMap(({ name, on }) =>
      on === undefined ? [name] : Object.keys(on).map((kind) => `${name} of a ${kind}`),
    )

    expect(WAYS.map(nameOf).sort()).toEqual(registered.sort())
  })
})

describe.each(named(WAYS))('%s', (_, way) => {
  it('shows the exact call and changes nothing before it is run', async () => {
    const { effects, request, changes } = walk(way)

    const effect = await effects.prepare(request, never)

    expect(effect.call).not.toBe('')
    expect(effect.blastRadius).not.toBe('')
    expect(effect.timeoutMs).toBeGreaterThan(0)
    expect(changes()).toBe(0)
  })

  it('changes one thing, once', async () => {
    const { effects, request, changes } = walk(way)
    const effect = await effects.prepare(request, never)

    const outcome = await effect.run(never)
    const again = await errorOf(effect.run(never))

    expect(outcome.message).not.toBe('')
    expect(changes()).toBe(way.by === 'nothing' ? 0 : 1)
    expect(again).toMatchObject({ reason: 'precondition', happened: 'no' })
  })

  it('refuses a parameter that it does not know', async () => {
    const { effects, request, changes } = walk(way)

    const error = await errorOf(effects.prepare({ ...request, parameters: { ...way.parameters, nmae: 1 } }, never))

    expect(error).toMatchObject({ reason: 'invalid', happened: 'no' })
    expect(changes()).toBe(0)
  })

  it('does nothing when stopped before it began', async () => {
    const { effects, request, changes } = walk(way)
    const effect = await effects.prepare(request, never)

    const error = await errorOf(effect.run(AbortSignal.abort()))

    expect(error.happened).toBe('no')
    expect(changes()).toBe(0)
    expect((await errorOf(effects.prepare(request, AbortSignal.abort()))).happened).toBe('no')
  })
})

const ACTING = WAYS.filter(({ by }) => by !== 'nothing')

describe.each(named(ACTING))('%s', (_, way) => {
  it('refuses a target that no mapping names, without asking anyone', async () => {
    const { effects, request, changes } = walk(way)
    const stranger = requestOf(request.action, request.parameters, { job: 'other' })

    const error = await errorOf(effects.prepare(stranger, never))

    expect(error).toMatchObject({ reason: 'unmapped', happened: 'no' })
    expect(effects.selector(stranger)).toEqual({ ok: false, reason: error.message })
    expect(effects.selector(request)).toEqual({ ok: true })
    expect(changes()).toBe(0)
  })

  it('refuses our own Prometheus', async () => {
    const { effects, request } = walk(way)
    const own = requestOf(request.action, request.parameters, { instance: 'prometheus:9090' })

    const error = await errorOf(effects.prepare(own, never))

    expect(error).toMatchObject({ reason: 'protected', happened: 'no' })
    expect(effects.protectedBy(own)).toContain('our Prometheus')
    expect(effects.protectedBy(request)).toBeUndefined()
  })

  it('that gets no answer in time may have happened', async () => {
    const { effects, request, clock } = walk(way, { reply: 'silence', ends: 'never' })
    const effect = await effects.prepare(request, never)

    const running = errorOf(effect.run(never))
    await clock.advance(0)
    await clock.advance(effect.timeoutMs)

    expect(await running).toMatchObject({ reason: 'timeout', happened: 'unknown' })
  })

  it('that is stopped under way may have happened', async () => {
    const { effects, request, clock } = walk(way, { reply: 'silence', ends: 'never' })
    const effect = await effects.prepare(request, never)
    const stop = new AbortController()

    const running = errorOf(effect.run(stop.signal))
    await clock.advance(0)
    stop.abort()

    expect(await running).toMatchObject({ reason: 'unavailable', happened: 'unknown' })
  })
})

/** Status, reason, and whether it may have happened all the same. */
const MATRIX: readonly (readonly [number, EffectFailure, 'no' | 'unknown'])[] = [
  [302, 'rejected', 'unknown'],
  [400, 'rejected', 'no'],
  [401, 'unauthorized', 'no'],
  [403, 'unauthorized', 'no'],
  [404, 'not_found', 'no'],
  [409, 'precondition', 'no'],
  [412, 'precondition', 'no'],
  [422, 'rejected', 'no'],
  [429, 'unavailable', 'no'],
  [500, 'unavailable', 'unknown'],
  [502, 'unavailable', 'unknown'],
  [503, 'unavailable', 'unknown'],
]

describe.each(named(WAYS.filter(({ by }) => by === 'wire')))('%s', (name, way) => {
  it.each(MATRIX)('takes status %i for %s, happened %s', async (status, reason, happened) => {
    const credential = way.kind === undefined ? SECRET : TOKEN
    const body = { message: way.kind === 'container' ? 'no' : `no, Bearer ${credential} may not` }

    const error = await runError(way, { reply: { status, body } })

    // A 404 to an update while the container is there means that the engine has no such call.
    const expected = name === 'throttle of a container' && status === 404 ? 'rejected' : reason
    expect(error).toMatchObject({ reason: expected, happened })
    expect(error.message).not.toContain(credential)
  })

  it('that finds nobody there did not happen', async () => {
    const error = await runError(way, { reply: { broken: 'refused' } })

    expect(error).toMatchObject({ reason: 'unavailable', happened: 'no' })
  })

  it('whose connection is cut once the request was sent may have happened', async () => {
    const error = await runError(way, { reply: { broken: 'reset' } })

    expect(error).toMatchObject({ reason: 'unavailable', happened: 'unknown' })
  })
})

describe.each(named(WAYS.filter(({ by }) => by === 'command')))('%s', (_, way) => {
  it('that ends with an exit code may have happened', async () => {
    const error = await runError(way, { ends: { exitCode: 1, stderr: `Job failed; ${PASSWORD}` } })

    expect(error).toMatchObject({ reason: 'rejected', happened: 'unknown' })
    if (way.action === 'exec') expect(error.message).not.toContain(PASSWORD)
  })

  it('that cannot be started did not happen', async () => {
    const error = await runError(way, { ends: 'not started' })

    expect(error).toMatchObject({ reason: 'not_found', happened: 'no' })
  })
})

describe.each(named(WAYS.filter(({ changed }) => changed !== undefined)))('%s', (_, way) => {
  it('refuses a target that somebody else started anew since it was looked at', async () => {
    const { effects, request, changes } = walk(way, { overtaken: true })
    const effect = await effects.prepare(request, never)

    const error = await errorOf(effect.run(never))

    expect(error).toMatchObject({ reason: 'precondition', happened: 'no' })
    expect(changes()).toBe(0)
  })
})

describe.each(named(WAYS.filter(({ kind, by }) => by === 'wire' && kind !== 'container' && kind !== undefined)))(
  '%s',
  (_, way) => {
    it('sends the resourceVersion that it looked at, so that the server refuses when it is another', async () => {
      const wire = fakeWire(({ method }) => ({ status: 200, body: method === 'GET' ? way.look : {} }))
      const effects = effectsOf(configFor(way), { clock: manualClock(), environment, send: wire.send })
      const effect = await effects.prepare(requestOf(way.action), never)

      await effect.run(never)

      const [change] = wire.changes()
      const { metadata, preconditions } = JSON.parse(change.body ?? '')
      expect((metadata ?? preconditions).resourceVersion).toBe('335')
    })
  },
)
