import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { presets } from '../../src/observe/catalogue/presets.ts'
import { compile } from '../../src/observe/promql.ts'
import { recordedSeries } from '../../src/observe/recorded.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { until } from '../support/deadline.ts'
import { type Lab, startLab } from '../support/lab.ts'
import { instantQuery } from '../support/query.ts'

const RULES = new URL('../../prometheus/recording/node-exporter.yml', import.meta.url)
const OPTIONS = { identity: ['instance', 'job'], rateWindowMs: 60_000 }
const { features } = presets['node-exporter']

let lab: Lab
let daemon: Daemon

/** A Prometheus that evaluates the shipped rules every second, and a daemon that reads nothing but what they write. */
beforeAll(async () => {
  lab = await startLab({ parts: ['node_exporter'] })
  const { groups } = parse(readFileSync(RULES, 'utf8')) as { groups: object[] }
  writeFileSync(
    join(lab.dir, 'rules.yml'),
    stringify({ groups: groups.map((group) => ({ ...group, interval: '1s' })) }),
  )
  await fetch(`${lab.prometheusUrl}/-/reload`, { method: 'POST' })
  daemon = await startDaemon({
    config: {
      interval: '1s',
      source: { type: 'prometheus', prometheus: { url: lab.prometheusUrl, recorded: true } },
      targets: { stale_after: '5s' },
    },
  })
  await daemon.ready()
})

afterAll(async () => {
  await daemon?.stop()
  await lab?.stop()
})

/** The value of an expression that gives one series at most, at a time in seconds. */
async function valueAt(promql: string, seconds: number): Promise<number | undefined> {
  return (await instantQuery(lab.prometheusUrl, promql, seconds))[0]?.value
}

it('what is recorded is what the source would have asked for, at the same moment', async () => {
  const differing = async () => {
    const evaluatedAt = await valueAt(`timestamp(${recordedSeries('load1_per_core')})`, Date.now() / 1000 - 2)
    if (evaluatedAt === undefined) return ['nothing is recorded']
    const pairs = await Promise.all(
      features.map(async ({ name, expr }) => {
        // The rules of one group are evaluated at one moment; another group has its own.
        const at = (await valueAt(`timestamp(${recordedSeries(name)})`, evaluatedAt)) ?? evaluatedAt
        const [recorded, computed] = await Promise.all([
          valueAt(recordedSeries(name), at),
          valueAt(compile(expr, OPTIONS), at),
        ])
        return { name, recorded, computed }
      }),
    )
    const known = pairs.filter(({ computed }) => computed !== undefined)
    if (known.length < 30) return ['too little is known yet']
    return known
      .filter(({ recorded, computed }) => !(Math.abs(recorded! - computed!) <= 1e-9 + 1e-6 * Math.abs(computed!)))
      .map(({ name, recorded, computed }) => `${name}: recorded ${recorded}, computed ${computed}`)
  }

  // A scrape that was written down just after the rules were evaluated belongs to the next time.
  const last: string[] = []
  await until(
    async () => {
      last.splice(0, last.length, ...(await differing()))
      return last.length === 0
    },
    { what: 'equal values', withinMs: 30_000, everyMs: 700, explain: () => last.join('\n') },
  )
})

it('a daemon that reads it has scores, and knows how old the data are', async () => {
  const target = await daemon.waitFor('a level', async () => {
    const found = await daemon.target(`${lab.instance}@node`)
    return found.level !== null && found
  })

  const asked = target.features.filter(({ actual }) => actual !== null)
  expect(asked.length).toBeGreaterThan(30)
  expect(await daemon.metric('homeostat_data_age_seconds')).toBeLessThan(10)
  expect(daemon.warnings()).toEqual([])
})

it('a host whose exporter is gone becomes stale, although rules go on', async () => {
  await lab.nodeExporter.kill()

  await daemon.waitFor('a stale target', async () => (await daemon.target(`${lab.instance}@node`)).state === 'stale', {
    withinMs: 30_000,
  })
  expect(await daemon.metric('anomaly_level')).toBeUndefined()
})
