import { availableParallelism } from 'node:os'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { effectsOf, requestOf } from '../../src/app/testing/effects-of.ts'
import { EffectError, type Effects } from '../../src/pipeline/effects.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { usageOf } from '../support/container-exporter.ts'
import { until } from '../support/deadline.ts'
import { type DockerLab, startDocker } from '../support/docker.ts'

const ENABLED = ['--label', 'homeostat.enable=true']
const never = new AbortController().signal

let lab: DockerLab
let effects: Effects

beforeAll(async () => {
  lab = await startDocker()
  effects = effectsOf(
    `
actions:
  docker: {socket: ${lab.socketPath}, stop_timeout: 1s}
  targets: [{match: '{job="cadvisor"}', container: {label: name, pattern: '[a-z-]+'}}]
`,
    { clock: systemClock },
  )
})

afterEach(() => {
  const containers = lab.docker('ps', '-aq').split('\n').filter(Boolean)
  if (containers.length > 0) lab.docker('rm', '-f', ...containers)
})

afterAll(() => lab?.stop())

const about = (name: string) => ({ job: 'cadvisor', instance: 'host-1', name })
const startedAt = (name: string) => lab.show(name, '{{.State.StartedAt}}')
const restarts = (name: string) => Number(lab.show(name, '{{.RestartCount}}'))

/** How often somebody else than its restart policy started a container anew. */
function restartEvents(name: string): number {
  const window = ['--since', '1h', '--until', `${Math.ceil(Date.now() / 1000)}`]
  const events = lab.docker('events', ...window, '--filter', `container=${name}`, '--filter', 'event=restart')
  return events.split('\n').filter(Boolean).length
}

/** Processors that a container uses, over two seconds. */
async function processorsOf(name: string): Promise<number> {
  const before = { at: performance.now(), ...(await usageOf(lab, name)) }
  await systemClock.sleep(2_000)
  const after = { at: performance.now(), ...(await usageOf(lab, name)) }
  return ((after.cpuSeconds - before.cpuSeconds) * 1000) / (after.at - before.at)
}

async function refusal(promise: Promise<unknown>): Promise<EffectError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof EffectError)) throw error
  return error
}

describe('a container under a real Docker daemon', () => {
  it('that crash-loops is restarted once, though its own policy restarts it meanwhile', async () => {
    lab.run('loop', 'sleep 0.2; exit 1', [...ENABLED, '--restart', 'always'])
    await until(() => restarts('loop') >= 2, { what: 'a crash loop', withinMs: 30_000, everyMs: 50 })
    const effect = await effects.prepare(requestOf('restart', {}, about('loop')), never)
    const seen = { startedAt: startedAt('loop'), restarts: restarts('loop') }
    await until(() => restarts('loop') > seen.restarts, { what: 'one more crash', withinMs: 30_000, everyMs: 50 })

    const outcome = await effect.run(never)

    expect(outcome.message).toBe('container loop restarted')
    expect(restartEvents('loop')).toBe(1)
    expect(startedAt('loop') > seen.startedAt).toBe(true)
  })

  it('that leaks is restarted, and has its memory back', async () => {
    lab.run('leak', 'while :; do head -c 2097152 /dev/zero >> /dev/shm/leak; sleep 0.1; done', ENABLED)
    const grown = async () => (await usageOf(lab, 'leak')).memoryBytes > 24 * 1024 * 1024
    await until(grown, { what: '24 MiB of leak', withinMs: 60_000, everyMs: 200 })
    const before = startedAt('leak')

    const effect = await effects.prepare(requestOf('restart', {}, about('leak')), never)
    await effect.run(never)

    expect((await usageOf(lab, 'leak')).memoryBytes).toBeLessThan(24 * 1024 * 1024)
    expect(startedAt('leak') > before).toBe(true)
    expect(lab.show('leak', '{{.State.Running}}')).toBe('true')
  })

  it('that burns the processor is throttled, and gets it back', async () => {
    lab.run('burn', 'while :; do :; done', ENABLED)
    const before = await processorsOf('burn')

    const effect = await effects.prepare(requestOf('throttle', { cpus: 0.05 }, about('burn')), never)
    const { undo, message } = await effect.run(never)
    const throttled = await processorsOf('burn')
    const limit = lab.show('burn', '{{.HostConfig.NanoCpus}}')
    const back = await effects.prepareUndo(requestOf('throttle', {}, about('burn')), undo ?? {}, never)
    await back.run(never)

    expect(message).toBe('container burn: no limit before, 0.05 CPUs now')
    expect(limit).toBe('50000000')
    expect(throttled).toBeLessThan(before / 2)
    expect(lab.show('burn', '{{.HostConfig.NanoCpus}}')).toBe(`${availableParallelism() * 1e9}`)
  })

  it('with an older kind of limit is throttled in that kind, which the engine would not mix', async () => {
    lab.run('quota', 'sleep 1000', [...ENABLED, '--cpu-period', '50000', '--cpu-quota', '50000'])

    const effect = await effects.prepare(requestOf('throttle', { cpus: 0.5 }, about('quota')), never)
    const { undo } = await effect.run(never)
    const limit = lab.show('quota', '{{.HostConfig.CpuQuota}}/{{.HostConfig.CpuPeriod}}')
    const back = await effects.prepareUndo(requestOf('throttle', {}, about('quota')), undo ?? {}, never)
    await back.run(never)

    expect(limit).toBe('25000/50000')
    expect(lab.show('quota', '{{.HostConfig.CpuQuota}}/{{.HostConfig.CpuPeriod}}')).toBe('50000/50000')
  })

  it('that somebody restarts after it was looked at is left alone', async () => {
    lab.run('web', 'sleep 1000', ENABLED)
    const effect = await effects.prepare(requestOf('restart', {}, about('web')), never)
    lab.docker('restart', '-t', '0', 'web')
    const theirs = startedAt('web')

    const error = await refusal(effect.run(never))

    expect(error).toMatchObject({ reason: 'precondition', happened: 'no' })
    expect(startedAt('web')).toBe(theirs)
    expect(restartEvents('web')).toBe(1)
  })

  it('that was made anew under the same name is another one', async () => {
    lab.run('web', 'sleep 1000', ENABLED)
    const effect = await effects.prepare(requestOf('restart', {}, about('web')), never)
    lab.docker('rm', '-f', 'web')
    lab.run('web', 'sleep 1000', ENABLED)
    const theirs = startedAt('web')

    const error = await refusal(effect.run(never))

    expect(error).toMatchObject({ reason: 'not_found', happened: 'no' })
    expect(startedAt('web')).toBe(theirs)
  })

  it('without the label, or that is not there, is not touched', async () => {
    lab.run('private', 'sleep 1000')

    const unlabelled = await refusal(effects.prepare(requestOf('restart', {}, about('private')), never))
    const missing = await refusal(effects.prepare(requestOf('restart', {}, about('nobody')), never))

    expect(unlabelled).toMatchObject({ reason: 'protected', happened: 'no' })
    expect(missing).toMatchObject({ reason: 'not_found', happened: 'no' })
  })
})
