import type { LocalFs } from './fs.ts'

export type Labels = Readonly<Record<string, string>>

/** Takes one sample, under the name that node_exporter gives it. */
export type Emit = (metric: string, value: number, labels?: Labels) => void

/** Where the collectors read. `proc` is `/proc`, or where the host's is mounted in a container. */
export interface Place {
  readonly fs: LocalFs
  readonly proc: string
  /** Put before mount points; empty unless the host's root is mounted in a container. */
  readonly root: string
}

/** Reads one part of the machine. A file that this kernel lacks rejects; the other collectors go on. */
export type Collector = (place: Place, emit: Emit) => Promise<void>

/** Splits a text into its lines of fields. */
export function rows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/))
}
