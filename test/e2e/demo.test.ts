import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { until } from '../support/deadline.ts'

const DEMO = join(import.meta.dirname, '../../scripts/demo.ts')

/** A world ten times as fast as that of the demo, in which one thing goes wrong. */
const WORLD = ['--interval', '200ms', '--faults', 'none', '--fault', 'checkout:cpu_spike:300@5s']

describe('npm run demo', () => {
  it('tells of a fault, of what is done about it and that it is over, and leaves nothing behind', async () => {
    const demo = spawn(process.execPath, [DEMO, ...WORLD], { stdio: ['ignore', 'pipe', 'pipe'] })
    onTestFinished(() => void demo.kill('SIGINT'))
    let said = ''
    for (const stream of [demo.stdout, demo.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
    const ended = once(demo, 'exit')
    const found = (pattern: RegExp) => () => pattern.exec(said) ?? false
    const waitFor = (what: string, pattern: RegExp) =>
      until(found(pattern), { what, withinMs: 60_000, explain: () => said })

    const [, url] = await waitFor('the address', /Dashboard: (http:\S+)\//)
    await waitFor('a service that is well', /\[NORMAL\] checkout level=0\.\d\d/)
    await waitFor(
      'the anomaly',
      /\[ANOMALY\] checkout cpu_saturation severity=[01]\.\d\d → scale_up \(rule cpu-overload\)/,
    )
    await waitFor('the recovery', /\[RECOVERED\] checkout after \d+ s/)
    await waitFor('the end of the story', /The loop has closed/)
    demo.kill('SIGINT')
    const [code] = await ended

    expect(code).toBe(0)
    await expect(fetch(`${url}/-/healthy`)).rejects.toThrow()
  }, 120_000)
})
