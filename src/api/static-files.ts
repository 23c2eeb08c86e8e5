import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Request, Response } from 'express'
import { ApiError } from './problem.ts'
import { isKnown } from './send-json.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}
/** Encodings that the build has laid beside a file, the smaller first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** `immutable`: its name says what is in it, so that it never has to be asked for again. */
export type Keeping = 'immutable' | 'asked'

/** Files of a directory that the build has written. */
export interface StaticFiles {
  /** Names of the files, without what is only another encoding of one. */
  readonly names: ReadonlySet<string>
  /** @throws {ApiError} `not_found` for what is not one of them */
  send(req: Request, res: Response, name: string, keeping: Keeping): Promise<void>
}

interface KnownFile {
  readonly path: string
  readonly type: string
  readonly digest: string
  readonly encodings: readonly (typeof ENCODINGS)[number][]
}

/** Looks through a directory once; only what is found is ever served. Undefined where there is none. */
export function staticFiles(directory: string): StaticFiles | undefined {
  const files = readFiles(directory)
  if (files === undefined) return undefined
  return {
    names: new Set(files.keys()),
    async send(req, res, name, keeping) {
      const file = files.get(name)
      if (file === undefined) throw new ApiError('not_found', 'there is no such file')
      const forever = 'public, max-age=31536000, immutable'
      res.set({ 'Cache-Control': keeping === 'immutable' ? forever : 'no-cache', ETag: `"${file.digest}"` })
      res.set({ 'Content-Type': file.type, Vary: 'Accept-Encoding' })
      if (isKnown(req, file.digest)) return void res.status(304).end()
      const encoding = file.encodings.find(([word]) => accepts(req, word))
      if (encoding !== undefined) res.set('Content-Encoding', encoding[0])
      const bytes = await readFile(file.path + (encoding?.[1] ?? ''))
      res.set('Content-Length', String(bytes.length)).end(req.method === 'HEAD' ? undefined : bytes)
    },
  }
}

function readFiles(directory: string): ReadonlyMap<string, KnownFile> | undefined {
  const names = new Set(entriesOf(directory))
  const files = new Map<string, KnownFile>()
  for (const name of names) {
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const path = join(directory, name)
    const digest = createHash('sha256').update(readFileSync(path)).digest('base64url').slice(0, 27)
    files.set(name, { path, type, digest, encodings: ENCODINGS.filter(([, ending]) => names.has(name + ending)) })
  }
  return files.size === 0 ? undefined : files
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? entry.name : []))
  } catch {
    return []
  }
}

function accepts(req: Request, encoding: string): boolean {
  const offers = (req.get('Accept-Encoding') ?? '').split(',')
  return offers.some((one) => {
    const [word, ...parameters] = one.split(';').map((part) => part.trim())
    return word === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}
