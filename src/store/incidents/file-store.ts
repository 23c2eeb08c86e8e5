import { appendFile, mkdir, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { IncidentStore, Kept } from './incident-store.ts'
import { decodeLine, encodeLine, type Line } from './lines.ts'

const FILE = 'book.jsonl'
/** The file may grow to this and four times what it holds before it is written anew. */
const ROOM_BYTES = 16 * 1024 * 1024
const GROWTH = 4

/** The incident book in a file of JSON lines: a change appends the new version, the last one of an id counts. */
export function createFileIncidentStore(dir: string): IncidentStore {
  const path = join(dir, FILE)
  let bytes = 0
  let neededBytes = 0
  /** Length of the whole lines, where a write broke off: what it left behind is cut off before the next. */
  let wholeBytes: number | undefined

  return {
    async load() {
      const file = await readFile(path).catch(unlessMissing(Buffer.alloc(0)))
      bytes = file.lastIndexOf('\n') + 1
      neededBytes = bytes
      if (bytes < file.length) wholeBytes = bytes
      return read(file.toString('utf8', 0, bytes))
    },
    async save(records) {
      const text = write(records)
      await mkdir(dir, { recursive: true })
      if (wholeBytes !== undefined) await truncate(path, wholeBytes).catch(unlessMissing(undefined))
      const before = await stat(path).then(({ size }) => size, unlessMissing(0))
      wholeBytes = before
      await appendFile(path, text)
      wholeBytes = undefined
      bytes = before + Buffer.byteLength(text)
    },
    async keepOnly(records) {
      const text = write(records)
      await mkdir(dir, { recursive: true })
      // Whole or not at all: a crash must not cost what is kept.
      await writeFile(`${path}.new`, text)
      await rename(`${path}.new`, path)
      wholeBytes = undefined
      bytes = Buffer.byteLength(text)
      neededBytes = bytes
    },
    get overgrown() {
      return bytes > ROOM_BYTES + GROWTH * neededBytes
    },
  }
}

function write({ incidents = [], changes = [], votes = [] }: Partial<Kept>): string {
  const lines: Line[] = [
    ...incidents.map((incident) => ({ incident })),
    ...changes.map((change) => ({ change })),
    ...votes.map((vote) => ({ vote })),
  ]
  return lines.map(encodeLine).join('')
}

function read(text: string): Kept & { unreadable: number } {
  const incidents = new Map<string, Kept['incidents'][number]>()
  const changes = new Map<string, Kept['changes'][number]>()
  const votes = new Map<string, Kept['votes'][number]>()
  let unreadable = 0
  for (const one of text.split('\n')) {
    if (one === '') continue
    const line = decodeLine(one)
    if (line === undefined) unreadable++
    else if ('incident' in line) incidents.set(line.incident.id, line.incident)
    else if ('change' in line) changes.set(line.change.id, line.change)
    else votes.set(line.vote.incident, line.vote)
  }
  return {
    incidents: [...incidents.values()],
    changes: [...changes.values()],
    votes: [...votes.values()],
    unreadable,
  }
}

function unlessMissing<T>(otherwise: T) {
  return (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT') return otherwise
    throw error
  }
}
