import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTuningStore, type TuningStore } from './tuning-state.ts'

let dir: string
let store: TuningStore
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-tuning-'))
  store = createTuningStore(join(dir, 'tuning'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const STATE = { unit: 'web-1:9100@node', mark: 'm', at: 5000, trials: [] }

it('gives back what was saved, for the same mark alone', async () => {
  await store.save(STATE)

  expect(await store.load(STATE.unit, 'm')).toEqual(STATE)
  expect(await store.load(STATE.unit, 'other')).toBeUndefined()
  expect(await store.load('web-2@node', 'm')).toBeUndefined()
})

it('knows when the searches began that are not too old', async () => {
  expect(await store.begunAt(0)).toBeUndefined()
  await store.save(STATE)
  await store.save({ ...STATE, unit: 'web-2@node', at: 9000 })

  expect(await store.begunAt(0)).toBe(5000)
  expect(await store.begunAt(6000)).toBe(9000)
  expect(await store.begunAt(10_000)).toBeUndefined()
})

it('begins anew from a damaged file, and after all was forgotten', async () => {
  await store.save(STATE)
  writeFileSync(join(dir, 'tuning', 'web-1%3A9100%40node.json'), '{"unit":')
  expect(await store.load(STATE.unit, 'm')).toBeUndefined()

  await store.save(STATE)
  await store.clear()
  expect(await store.load(STATE.unit, 'm')).toBeUndefined()
})
