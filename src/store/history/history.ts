import { appendFile, mkdir, readdir, readFile, truncate, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { Target } from '../../domain/target.ts'
import { decodeFrames, encodeHeader, encodeSnapshot, encodeTarget, type Frame, wholeLength } from './segment.ts'

export interface HistoryOptions {
  readonly dir: string
  /** Segments whose last observation is older are deleted. */
  readonly retentionMs: number
}

/**
 * The observations of a source that keeps none itself, on disk, so that a restart does not begin from nothing.
 * A segment a day; features of another configuration are skipped when reading.
 */
export interface History {
  /** Appends one observation. Calls must not overlap. */
  record(snapshot: Snapshot): Promise<void>
  /** Observations in [from, to], in time order, at most one for each step. */
  read(range: { fromMs: number; toMs: number; stepMs: number }, signal: AbortSignal): AsyncIterable<Snapshot>
}

const SEGMENT_MS = 86_400_000
const SEGMENT_NAME = /^(\d+)\.observations$/

interface OpenSegment {
  readonly start: number
  readonly path: string
  readonly indices: Map<string, number>
}

export function createHistory(features: readonly string[], options: HistoryOptions): History {
  let open: OpenSegment | undefined

  async function segmentFor(at: number): Promise<OpenSegment> {
    const day = Math.floor(at / SEGMENT_MS) * SEGMENT_MS
    if (open !== undefined && open.start >= day) return open
    await mkdir(options.dir, { recursive: true })
    await dropOld(options.dir, at - options.retentionMs)
    open = await resume(options.dir, day, features)
    if (open === undefined) {
      const start = (await segmentStarts(options.dir)).includes(day) ? at : day
      open = { start, path: segmentPath(options.dir, start), indices: new Map() }
      await appendFile(open.path, encodeHeader(features))
    }
    return open
  }

  return {
    async record(snapshot) {
      const segment = await segmentFor(snapshot.at)
      const fresh: Buffer[] = []
      for (const target of snapshot.targets) {
        if (target === undefined || segment.indices.has(target.id)) continue
        fresh.push(encodeTarget(segment.indices.size, target))
        segment.indices.set(target.id, segment.indices.size)
      }
      const body = encodeSnapshot(snapshot, (target) => segment.indices.get(target.id)!)
      await appendFile(segment.path, Buffer.concat([...fresh, body]))
    },

    async *read({ fromMs, toMs, stepMs }, signal) {
      let nextAt = fromMs
      for (const start of await segmentStarts(options.dir)) {
        if (start > toMs || start + 2 * SEGMENT_MS < fromMs) continue
        signal.throwIfAborted()
        const bytes = await readFile(segmentPath(options.dir, start))
        for (const snapshot of snapshotsOf(bytes, features)) {
          if (snapshot.at < nextAt || snapshot.at > toMs) continue
          nextAt = snapshot.at - (snapshot.at % stepMs) + stepMs
          yield snapshot
        }
      }
    },
  }
}

/** Goes on with the newest segment of the day where it has the same features; cuts off what a crash left half written. */
async function resume(dir: string, day: number, features: readonly string[]): Promise<OpenSegment | undefined> {
  const start = (await segmentStarts(dir)).filter((segment) => segment >= day).at(-1)
  if (start === undefined) return undefined
  const path = segmentPath(dir, start)
  const bytes = await readFile(path)
  await truncate(path, wholeLength(bytes))
  const indices = new Map<string, number>()
  let matches = false
  for (const frame of decodeFrames(bytes)) {
    if (frame.kind === 'header') matches = sameFeatures(frame.features, features)
    if (frame.kind === 'target') indices.set(frame.target.id, frame.index)
  }
  return matches ? { start, path, indices } : undefined
}

function* snapshotsOf(bytes: Buffer, features: readonly string[]): Generator<Snapshot> {
  const targets: Target[] = []
  for (const frame of decodeFrames(bytes)) {
    if (frame.kind === 'header' && !sameFeatures(frame.features, features)) return
    if (frame.kind === 'target') targets[frame.index] = frame.target
    if (frame.kind === 'snapshot') yield toSnapshot(frame, targets, features)
  }
}

function toSnapshot(
  frame: Extract<Frame, { kind: 'snapshot' }>,
  targets: readonly Target[],
  features: readonly string[],
): Snapshot {
  const values = new Float64Array(targets.length * features.length).fill(Number.NaN)
  const sampledAt = new Float64Array(targets.length).fill(Number.NaN)
  for (const row of frame.rows) {
    values.set(row.values, row.index * features.length)
    sampledAt[row.index] = row.sampledAt
  }
  return { at: frame.at, features, targets: [...targets], values, sampledAt, warnings: [] }
}

async function dropOld(dir: string, before: number): Promise<void> {
  for (const start of await segmentStarts(dir)) {
    if (start + SEGMENT_MS < before) await unlink(segmentPath(dir, start))
  }
}

async function segmentStarts(dir: string): Promise<number[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

function segmentPath(dir: string, start: number): string {
  return join(dir, `${start}.observations`)
}

function sameFeatures(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}
