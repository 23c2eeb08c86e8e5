import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readHost, rowCount } from './dataset.ts'
import { budgetLevels, meanOf, measure, median, runShipped } from './measure.ts'
import type { EvaluateHost } from './ours.ts'

const ROWS = 600

/** Two columns; the second jumps at rows 400–419 of the test part. */
function writeHost(folder: string, segments: [number, number][]): void {
  const part = (anomalous: boolean) => {
    const values = Float32Array.from({ length: 2 * ROWS }, (_, i) => 0.5 + 0.1 * Math.sin(i * 1.7))
    if (anomalous) for (let row = 400; row < 420; row++) values[2 * row + 1] = 2
    return gzipSync(Buffer.from(values.buffer))
  }
  writeFileSync(join(folder, 'web.train.f32.gz'), part(false))
  writeFileSync(join(folder, 'web.test.f32.gz'), part(true))
  const interpretation = [{ start: 400, end: 420, columns: [1] }]
  const host = {
    host: 'web',
    dataset: 'OWN',
    interval_s: 60,
    columns: ['cpu', 'mem'],
    anomaly_segments: segments,
    interpretation,
  }
  writeFileSync(join(folder, 'web.json'), JSON.stringify(host))
  writeFileSync(join(folder, 'index.json'), JSON.stringify([{ host: 'web' }]))
}

/** Names the second column, and takes its value for the score. */
const looksAtMemory: EvaluateHost = function* (_train, test) {
  for (let row = 0; row < rowCount(test); row++) {
    const score = test.values[2 * row + 1]
    const [detected, severity] = [score > 1, 1 - 2 ** -score]
    yield { anomalyScore: score, combinedScore: score, level: score, severity, detected, topFeatures: [1, 0] }
  }
}

describe('bench:accuracy', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('reads a host, and gives each segment its root causes', () => {
    writeHost(folder, [[400, 419]])

    const host = readHost(folder, 'web')

    expect(host.test.names).toEqual(['cpu', 'mem'])
    expect(host.test.intervalMs).toBe(60_000)
    expect(rowCount(host.train)).toBe(ROWS)
    expect(host.test.values[2 * 400 + 1]).toBe(2)
    expect(host.causes).toEqual([[1]])
  })

  it('refuses a segment outside the test rows', () => {
    writeHost(folder, [[590, 600]])

    expect(() => readHost(folder, 'web')).toThrow('segment 590-600')
  })

  it('gives full marks to a detector that is right', () => {
    writeHost(folder, [[400, 419]])

    const measures = measure(runShipped(looksAtMemory, readHost(folder, 'web'), 1))

    expect(measures).toMatchObject({ aucPr: 1, aucRoc: 1, recallAtBudget: 1, labelFreeRecall: 1, hit100: 1 })
    expect(measures).toMatchObject({ falseAlarmsPerDay: 0, normalTimeInAlarm: 0, medianDelayMinutes: 0 })
    expect(measures.vusPr).toBeGreaterThan(0.5)
  })

  it('refuses a detector that leaves rows out', () => {
    writeHost(folder, [[400, 419]])
    const lazy: EvaluateHost = (train, test, options) => [...looksAtMemory(train, test, options)].slice(1)

    expect(() => runShipped(lazy, readHost(folder, 'web'), 1)).toThrow('599 rows of 600')
  })

  it('measures baselines with a threshold that starts from their training scores', () => {
    writeHost(folder, [[400, 419]])
    const train = new Float64Array(ROWS).fill(1)
    const test = new Float64Array(ROWS).fill(1)
    test[400] = 50

    const levels = budgetLevels({ train, test }, readHost(folder, 'web'))

    expect(levels[0]).toBeLessThan(1)
    expect(levels[400]).toBeGreaterThan(1)
  })

  it('says where data can be had when there are none, and exits with 2', () => {
    const run = (...args: string[]) => {
      try {
        return execFileSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], {
          stdio: 'pipe',
        }).toString()
      } catch (error) {
        const { status, stderr } = error as { status: number; stderr: Buffer }
        return `${status}: ${stderr}`
      }
    }

    expect(run()).toMatch(/^2: --data is missing[\s\S]*OmniAnomaly[\s\S]*InterFusion/)
    expect(run('--data', folder)).toMatch(/^2: no index\.json in/)
    expect(run('--unknown')).toMatch(/^2: /)
  })

  it('prints a table, and writes figures and pictures', () => {
    writeHost(folder, [[400, 419]])
    const [json, page] = [join(folder, 'out.json'), join(folder, 'out.html')]

    const args = ['--data', folder, '--baselines-only', '--json', json, '--report', page]
    const table = execFileSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], {
      stdio: 'pipe',
    }).toString()

    expect(table).toMatch(/OWN +VUS-PR/)
    expect(table).toMatch(/mean, PCA error +\d\.\d{3}/)
    expect(JSON.parse(readFileSync(json, 'utf8'))).toHaveLength(4)
    expect(readFileSync(page, 'utf8')).toContain('web · PCA error')
  })

  it('leaves measures that do not apply out of the mean', () => {
    const one = { ...blank, hit100: Number.NaN, vusPr: 0.2 }

    expect(meanOf([one, { ...blank, hit100: 0.5, vusPr: 0.4 }])).toMatchObject({ hit100: 0.5, vusPr: (0.2 + 0.4) / 2 })
    expect(median([3, 1, 2, 10])).toBe((2 + 3) / 2)
    expect(median([])).toBeNaN()
  })
})

const blank = {
  ...{ vusPr: 0, aucPr: 0, aucRoc: 0, bestF1: 0, recallAtBudget: 0, labelFreeRecall: 0, falseAlarmsPerDay: 0 },
  ...{ normalTimeInAlarm: 0, medianDelayMinutes: 0, hit100: 0, rowsPerSecond: 0 },
}
