import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Snapshot } from '../../domain/snapshot.ts'
import { targetOf } from '../../domain/target.ts'
import { createHistory } from './history.ts'

const FEATURES = ['cpu', 'memory']
const DAY = 86_400_000
const NOON = 20_000 * DAY + DAY / 2
const WEB = targetOf({ instance: 'web-1', job: 'node' }, ['instance', 'job'])
const DB = targetOf({ instance: 'db-1', job: 'node' }, ['instance', 'job'])
const never = new AbortController().signal

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'homeostat-history-'))
})
afterEach(() => rm(dir, { recursive: true }))

function snapshot(at: number, ...cpu: number[]): Snapshot {
  const targets = [WEB, DB].slice(0, cpu.length)
  return {
    at,
    features: FEATURES,
    targets,
    values: Float64Array.from(cpu.flatMap((value) => [value, Number.NaN])),
    sampledAt: Float64Array.from(targets, () => at - 1),
    warnings: [],
  }
}

async function readAll(features = FEATURES, stepMs = 1, fromMs = 0): Promise<Snapshot[]> {
  const history = createHistory(features, { dir, retentionMs: 7 * DAY })
  return Array.fromAsync(history.read({ fromMs, toMs: NOON + 30 * DAY, stepMs }, never))
}

async function record(...snapshots: Snapshot[]): Promise<void> {
  const history = createHistory(FEATURES, { dir, retentionMs: 7 * DAY })
  for (const one of snapshots) await history.record(one)
}

describe('the history on disk', () => {
  it('gives back what was recorded, in time order, over restarts', async () => {
    await record(snapshot(NOON, 1), snapshot(NOON + 15_000, 2, 3))
    await record(snapshot(NOON + 30_000, 4, 5))

    const read = await readAll()

    expect(read.map((one) => one.at)).toEqual([NOON, NOON + 15_000, NOON + 30_000])
    expect(read[2].targets).toEqual([WEB, DB])
    expect([...read[2].values]).toEqual([4, Number.NaN, 5, Number.NaN])
    expect([...read[2].sampledAt]).toEqual([NOON + 29_999, NOON + 29_999])
  })

  it('thins to one observation a step', async () => {
    await record(...Array.from({ length: 12 }, (_, i) => snapshot(NOON + i * 15_000, i)))

    expect((await readAll(FEATURES, 60_000)).map((one) => one.at)).toEqual([NOON, NOON + 60_000, NOON + 120_000])
  })

  it('loses only the observation that a crash cut short, and goes on after it', async () => {
    await record(snapshot(NOON, 1))
    const [segment] = await readdir(dir)
    await appendFile(join(dir, segment), Buffer.of(200, 0, 0, 0, 83, 1, 2, 3))

    await record(snapshot(NOON + 15_000, 2))

    expect((await readAll()).map((one) => one.values[0])).toEqual([1, 2])
  })

  it('deletes days beyond the retention and keeps the others', async () => {
    await record(snapshot(NOON, 1), snapshot(NOON + 5 * DAY, 2), snapshot(NOON + 9 * DAY, 3))

    expect((await readAll()).map((one) => one.values[0])).toEqual([2, 3])
  })

  it('does not mix in observations of another feature list', async () => {
    await record(snapshot(NOON, 1))

    expect(await readAll(['load'])).toEqual([])
  })

  it('starts a segment of its own when the features change within a day', async () => {
    await record(snapshot(NOON, 1))
    const other = createHistory(['load'], { dir, retentionMs: 7 * DAY })
    await other.record({ ...snapshot(NOON + 1000, 7), features: ['load'], values: Float64Array.of(7) })

    expect((await readAll(['load'])).map((one) => one.values[0])).toEqual([7])
    expect((await readAll()).map((one) => one.values[0])).toEqual([1])
  })

  it('is empty before the first observation', async () => {
    expect(await readAll()).toEqual([])
  })
})
