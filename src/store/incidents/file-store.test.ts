import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change, Vote } from '../../domain/change.ts'
import { type Incident, judged, opened, recovered } from '../../domain/incident.ts'
import { createFileIncidentStore } from './file-store.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const EMPTY = { incidents: [], changes: [], votes: [], unreadable: 0 }

let dir: string
let file: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'homeostat-incidents-'))
  file = join(dir, 'incidents', 'book.jsonl')
})
afterEach(() => rm(dir, { recursive: true }))

const open = () => createFileIncidentStore(join(dir, 'incidents'))
const incident = (id: string): Incident =>
  opened(id, 'web@node', {
    at: NOON,
    level: 2,
    contributions: [{ feature: 'cpu_busy', share: 1, actual: 91, expected: Number.NaN }],
  })
const change: Change = { id: 'c', targets: ['web@node'], from: NOON, to: NOON + 1, text: 'a\nb', at: NOON }
const vote: Vote = { incident: 'i', target: 'web@node', useful: false, at: NOON }

describe('the incident book on disk', () => {
  it('is empty at first', async () => {
    expect(await open().load()).toEqual(EMPTY)
  })

  it('gives back what was kept, over restarts, NaN and new versions included', async () => {
    const after = judged(recovered(incident('i'), NOON + 1000, 'calm again'), false, NOON + 2000)
    const store = open()
    await store.save({ incidents: [incident('i'), incident('j')], changes: [change] })
    await store.save({ incidents: [after], votes: [vote] })

    const kept = await open().load()

    expect(kept).toEqual({ incidents: [after, incident('j')], changes: [change], votes: [vote], unreadable: 0 })
  })

  it('does without a last line that was torn, and writes on after it', async () => {
    await open().save({ incidents: [incident('i')] })
    await appendFile(file, JSON.stringify({ incident: incident('torn') }).slice(0, 50))

    const store = open()
    expect(await store.load()).toEqual({ ...EMPTY, incidents: [incident('i')] })
    await store.save({ incidents: [incident('j')] })

    expect(await open().load()).toEqual({ ...EMPTY, incidents: [incident('i'), incident('j')] })
  })

  it('skips lines that are not ours, and counts them', async () => {
    await open().save({ votes: [vote] })
    await appendFile(file, 'nonsense\n{"incident":{"id":"x"}}\nnull\n')

    expect(await open().load()).toEqual({ ...EMPTY, votes: [vote], unreadable: 3 })
  })

  it('forgets what is not to be kept', async () => {
    const store = open()
    await store.save({ incidents: [incident('i'), incident('j')], changes: [change] })
    await store.keepOnly({ incidents: [incident('j')], changes: [], votes: [] })
    await store.save({ votes: [vote] })

    expect(await open().load()).toEqual({ ...EMPTY, incidents: [incident('j')], votes: [vote] })
  })

  it('says when old versions have grown out of proportion', async () => {
    const long: Change = { ...change, targets: Array.from({ length: 1000 }, (_, i) => `${i}`.padStart(1000, 'x')) }
    const store = open()
    await store.load()
    for (let i = 0; i < 18; i++) {
      expect(store.overgrown).toBe(i > 16)
      await store.save({ changes: [long] })
    }

    await store.keepOnly({ incidents: [], changes: [long], votes: [] })

    expect(store.overgrown).toBe(false)
    expect((await stat(file)).size).toBeLessThan(2_000_000)
  })

  it('fails when it cannot be written, and works when it can again', async () => {
    const store = open()
    await store.load()
    await writeFile(join(dir, 'incidents'), '')
    await expect(store.save({ changes: [change] })).rejects.toThrow()

    await rm(join(dir, 'incidents'))
    await store.save({ votes: [vote] })

    expect(await open().load()).toEqual({ ...EMPTY, votes: [vote] })
  })

  it('cannot be read where it is no file', async () => {
    await writeFile(join(dir, 'incidents'), '')

    await expect(open().load()).rejects.toThrow('ENOTDIR')
    expect(await readFile(join(dir, 'incidents'), 'utf8')).toBe('')
  })
})
