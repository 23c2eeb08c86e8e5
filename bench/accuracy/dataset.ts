import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A table of readings at a fixed interval. */
export interface Columns {
  readonly names: readonly string[]
  readonly intervalMs: number
  /** Row-major, rows × names. */
  readonly values: Float32Array
}

/** First and last row of a labelled anomaly, both inside it. */
export type Segment = readonly [start: number, end: number]

/** One labelled host. */
export interface BenchHost {
  readonly name: string
  /** Which public data set it is of: SMD, ASD. */
  readonly dataset: string
  readonly train: Columns
  /** Follows `train` directly in time. */
  readonly test: Columns
  readonly segments: readonly Segment[]
  /** By segment: its true root-cause columns; empty where nobody named them. */
  readonly causes: readonly (readonly number[])[]
}

interface HostFile {
  readonly host: string
  readonly dataset: string
  readonly interval_s: number
  readonly columns: readonly string[]
  readonly anomaly_segments: readonly Segment[]
  readonly interpretation: readonly {
    readonly start: number
    readonly end: number
    readonly columns: readonly number[]
  }[]
}

export const FORMAT = `the folder needs, per host:
  NAME.json            {"host", "dataset", "interval_s", "columns": [...], "anomaly_segments": [[first, last], ...],
                       "interpretation": [{"start", "end", "columns": [0-based, ...]}, ...]}
  NAME.train.f32.gz    gzip of row-major little-endian float32, rows x columns, without labels
  NAME.test.f32.gz     the same, following directly in time; segments are 0-based rows of it, both ends inside
and index.json, a list of {"host": NAME}. Public sources of such data:
  SMD (servers, 38 columns, 60 s):              github.com/NetManAIOps/OmniAnomaly, folder ServerMachineDataset
  ASD (application servers, 19 columns, 300 s): github.com/zhhlee/InterFusion, folder data`

/** Names of the hosts in a folder, in the order of its index. */
export function listHosts(folder: string): string[] {
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { host: string }[]
  return index.map(({ host }) => host)
}

/** @throws {RangeError} when the values do not fill whole rows, or a segment lies outside the test rows */
export function readHost(folder: string, name: string): BenchHost {
  const file = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as HostFile
  const read = (part: string): Columns => {
    const values = float32(gunzipSync(readFileSync(join(folder, `${name}.${part}.f32.gz`))))
    if (values.length % file.columns.length !== 0) throw new RangeError(`${name}.${part} does not fill whole rows`)
    return { names: file.columns, intervalMs: file.interval_s * 1000, values }
  }
  const test = read('test')
  const segments = file.anomaly_segments
  for (const [start, end] of segments) {
    if (!(start >= 0 && start <= end && end < rowCount(test))) throw new RangeError(`${name}: segment ${start}-${end}`)
  }
  const causes = segments.map((segment) => causesOf(segment, file.interpretation))
  return { name, dataset: file.dataset, train: read('train'), test, segments, causes }
}

function float32(bytes: Buffer): Float32Array {
  // A copy: gunzip may hand out a buffer that does not start on four bytes.
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

/** The publisher's end may be one past the segment, so the interpretation with the largest overlap is the right one. */
function causesOf([start, end]: Segment, interpretation: HostFile['interpretation']): readonly number[] {
  let best: readonly number[] = []
  let most = 0
  for (const entry of interpretation) {
    const overlap = Math.min(end, entry.end) - Math.max(start, entry.start) + 1
    if (overlap > most) {
      most = overlap
      best = entry.columns
    }
  }
  return best
}

export function rowCount(columns: Columns): number {
  return columns.values.length / columns.names.length
}

/** 1 for every row inside a segment. */
export function labels(segments: readonly Segment[], rows: number): Uint8Array {
  const inside = new Uint8Array(rows)
  for (const [start, end] of segments) inside.fill(1, start, end + 1)
  return inside
}
