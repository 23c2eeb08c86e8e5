import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../src/domain/random.ts'
import { type CommandResult, runCommand } from '../support/daemon.ts'

const HEADER = 'row,anomaly_score,combined_score,level,severity,detected,top_features'
const MINUTE = 60_000
const FIRST = Date.UTC(2026, 0, 1)

let dir: string
let train: string
let test: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-evaluate-'))
  train = table('train.csv', 0, 600)
  test = table('test.csv', 600, 240, { outageFrom: 120, outageTo: 150 })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function file(name: string, text: string): string {
  const path = join(dir, name)
  writeFileSync(path, text)
  return path
}

interface Shape {
  readonly outageFrom?: number
  readonly outageTo?: number
  readonly clock?: boolean
}

/** A quiet host, minute by minute; during the outage its memory stands 20 higher. */
function table(name: string, from: number, rows: number, shape: Shape = {}): string {
  const { outageFrom = rows, outageTo = rows, clock = true } = shape
  const random = createRandom(from)
  const lines = Array.from({ length: rows }, (_, row) => {
    const cpu = 30 + 10 * Math.sin((from + row) / 30) + random()
    const memory = 50 + random() + (row >= outageFrom && row < outageTo ? 20 : 0)
    const cells = [cpu, memory, 2 * cpu + random()].map((value) => value.toFixed(3))
    return [...(clock ? [new Date(FIRST + (from + row) * MINUTE).toISOString()] : []), ...cells].join(',')
  })
  return file(name, [clock ? 'timestamp,cpu,memory,net' : 'cpu,memory,net', ...lines, ''].join('\n'))
}

function evaluate(...args: string[]): Promise<CommandResult> {
  return runCommand(['evaluate', ...args])
}

interface Row {
  readonly row: number
  readonly anomaly: number
  readonly combined: number
  readonly level: number
  readonly severity: number
  readonly detected: number
  readonly top: readonly string[]
}

function scores(path: string): Row[] {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(header).toBe(HEADER)
  return lines.map((line) => {
    const cells = line.split(',')
    const [row, anomaly, combined, level, severity, detected] = cells.map(Number)
    return { row, anomaly, combined, level, severity, detected, top: cells[6].split(';') }
  })
}

describe('evaluate', () => {
  it('writes a row for every test row, and finds the outage and its cause', async () => {
    const out = join(dir, 'scores.csv')
    const report = join(dir, 'report.html')

    const result = await evaluate('--train', train, '--test', test, '--out', out, '--report', report)

    expect(result).toMatchObject({ code: 0, stdout: '', stderr: '' })
    const rows = scores(out)
    expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 240 }, (_, i) => i))
    const peak = rows.reduce((highest, row) => (row.combined > highest.combined ? row : highest))
    expect(peak.row).toBeGreaterThanOrEqual(120)
    expect(peak.row).toBeLessThan(160)
    expect(peak.top[0]).toBe('memory')
    expect(rows.slice(120, 150).some(({ detected }) => detected === 1)).toBe(true)
    expect(rows.slice(0, 120).every(({ detected }) => detected === 0)).toBe(true)
    for (const { top, severity, level } of rows) {
      expect([...top].sort()).toEqual(['cpu', 'memory', 'net'])
      expect(severity).toBeCloseTo(1 - 2 ** -level, 6)
    }
    const page = readFileSync(report, 'utf8')
    expect(page).toContain('validation loss')
    expect(page).not.toMatch(/<script|https?:\/\//)
  })

  it('has no look ahead: what comes later changes no earlier row', async () => {
    const short = file('short.csv', readFileSync(test, 'utf8').split('\n').slice(0, 131).join('\n'))
    const [whole, part] = [join(dir, 'whole.csv'), join(dir, 'part.csv')]

    await evaluate('--train', train, '--test', test, '--out', whole)
    await evaluate('--train', train, '--test', short, '--out', part)

    expect(readFileSync(part, 'utf8').split('\n').slice(0, 131)).toEqual(
      readFileSync(whole, 'utf8').split('\n').slice(0, 131),
    )
  })

  it('takes rows without a clock with --interval, and the plain autoencoder with --preset classic', async () => {
    const [a, b] = [table('a.csv', 0, 300, { clock: false }), table('b.csv', 300, 60, { clock: false })]
    const out = join(dir, 'classic.csv')
    const args = ['--train', a, '--test', b, '--out', out, '--interval', '60s', '--preset', 'classic']

    const first = await evaluate(...args, '--seed', '1')
    const one = readFileSync(out, 'utf8')
    const second = await evaluate(...args, '--seed', '1')

    expect([first.code, second.code]).toEqual([0, 0])
    expect(readFileSync(out, 'utf8')).toBe(one)
    expect(scores(out)).toHaveLength(60)
  })

  it('counts what it had to repair, and maps columns in another order', async () => {
    const lines = readFileSync(test, 'utf8').trimEnd().split('\n').slice(0, 41)
    const turned = lines.map((line, i) => {
      const [time, cpu, memory, net] = line.split(',')
      return [net, i === 10 ? '' : i === 20 ? 'n/a' : memory, cpu, time].join(',')
    })
    const out = join(dir, 'repaired.csv')

    const result = await evaluate('--train', train, '--test', file('turned.csv', turned.join('\n')), '--out', out)

    expect(result.code).toBe(0)
    expect(result.stderr).toMatch(/turned\.csv: of 40 rows 1 cells empty, 1 not a number .*memory.*2 filled/)
    expect(scores(out)).toHaveLength(40)
  })
})

describe('evaluate refuses, in one line and with exit code 2,', () => {
  async function refused(...args: string[]): Promise<string> {
    const { code, stderr } = await evaluate('--out', join(dir, 'none.csv'), ...args)
    expect(code).toBe(2)
    expect(stderr).not.toMatch(/^\s+at .*:\d+/m)
    const [line, ...rest] = stderr.trimEnd().split('\n')
    expect(rest.filter((one) => !one.startsWith('(add --help'))).toEqual([])
    return line
  }

  it('a file that is not there', async () => {
    expect(await refused('--train', join(dir, 'nothing.csv'), '--test', test)).toContain(
      'nothing.csv: there is no such',
    )
  })

  it('other columns', async () => {
    const other = file('other.csv', 'timestamp,cpu,disk,net\n2026-01-02T00:00:00Z,1,2,3\n')

    expect(await refused('--train', train, '--test', other)).toMatch(/"memory" is missing; "disk" was not trained on/)
  })

  it('a file without rows', async () => {
    const empty = file('empty.csv', 'timestamp,cpu,memory,net\n')

    expect(await refused('--train', train, '--test', empty)).toContain('empty.csv: no rows')
    expect(await refused('--train', empty, '--test', test)).toContain('empty.csv: 0 rows')
  })

  it('time that goes backwards', async () => {
    const rows = ['2026-01-02T00:01:00Z,1,2,3', '2026-01-02T00:00:00Z,1,2,3']
    const back = file('back.csv', ['timestamp,cpu,memory,net', ...rows].join('\n'))

    expect(await refused('--train', back, '--test', test)).toMatch(/back\.csv: time goes backwards in row 2/)
  })

  it('rows without a clock and without --interval', async () => {
    const bare = table('bare.csv', 0, 20, { clock: false })

    expect(await refused('--train', bare, '--test', bare)).toContain('--interval 60s')
  })

  it('a clock in one file only', async () => {
    const bare = table('bare.csv', 0, 20, { clock: false })

    expect(await refused('--train', train, '--test', bare)).toMatch(/train\.csv has a column timestamp and .*bare\.csv/)
  })

  it('an output that cannot be written, or that is an input', async () => {
    const nowhere = join(dir, 'no-such-folder', 'out.csv')

    expect(await refused('--train', train, '--test', test, '--out', nowhere)).toContain(nowhere)
    expect(await refused('--train', train, '--test', test, '--out', test)).toContain('overwrite --test')
    expect(readFileSync(test, 'utf8')).toContain('timestamp,cpu')
  })

  it('a preset, a seed or an interval that is none', async () => {
    expect(await refused('--train', train, '--test', test, '--preset', 'clasic')).toContain('--preset')
    expect(await refused('--train', train, '--test', test, '--seed', 'one')).toContain('--seed')
    expect(await refused('--train', train, '--test', test, '--interval', '60')).toContain('--interval')
  })
})
