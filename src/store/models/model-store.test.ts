import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelCard, ModelFile } from '../../domain/model-file.ts'
import { createModelStore, type ModelStore } from './model-store.ts'

let dir: string
let store: ModelStore
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'models-')), 'models')
  store = createModelStore(dir)
})
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }))

function model(unit: string, value = 1): ModelFile {
  return { card: { unit } as ModelCard, tensors: { weights: Float32Array.of(value) } }
}

const valueIn = (stored: unknown) => (stored as { file: ModelFile }).file.tensors['weights'][0]

describe('the model store', () => {
  it('is empty where there is no folder yet', async () => {
    expect(await store.newest()).toEqual([])
    expect(await store.list()).toEqual([])
    expect(await store.load('web-1')).toBeUndefined()
  })

  it('numbers the versions of a unit and gives back the newest', async () => {
    expect([await store.save(model('web-1', 1)), await store.save(model('web-1', 2))]).toEqual([1, 2])

    expect(await store.load('web-1')).toMatchObject({ unit: 'web-1', version: 2 })
    expect(valueIn(await store.load('web-1'))).toBe(2)
    expect((await store.newest()).map(valueIn)).toEqual([2])
    expect((await store.list()).map(valueIn)).toEqual([1, 2])
  })

  it('keeps the last five versions, and never uses a number twice', async () => {
    for (let i = 1; i <= 7; i++) expect(await store.save(model('web-1', i))).toBe(i)

    expect((await store.list()).map(({ version }) => version)).toEqual([3, 4, 5, 6, 7])
  })

  it('leaves nothing half written behind', async () => {
    await store.save(model('web-1'))

    expect(readdirSync(join(dir, 'web-1'))).toEqual(['000001.model'])
  })

  it.each(['a/../../b', '..', '.', 'group:node', 'C:\\x', '10.0.0.1:9100@node', 'ü'.repeat(300), 'x'.repeat(300)])(
    'keeps a unit of any name in a folder of its own: %s',
    async (unit) => {
      await store.save(model(unit))
      await store.save(model('other'))

      expect(readdirSync(join(dir, '..'))).toEqual(['models'])
      expect(readdirSync(dir)).toHaveLength(2)
      expect(await store.load(unit)).toMatchObject({ unit, version: 1 })
    },
  )

  it('says what is wrong with a damaged file, and gives the others', async () => {
    await store.save(model('a'))
    await store.save(model('b'))
    writeFileSync(join(dir, 'a', '000001.model'), 'nonsense')

    const [a, b] = await store.newest()

    expect(a).toMatchObject({ unit: 'a', version: 1, problem: expect.stringContaining('not a Homeostat') })
    expect(b).toMatchObject({ unit: 'b', version: 1, file: { card: { unit: 'b' } } })
  })

  it('does not mind files of other kinds', async () => {
    await store.save(model('a'))
    writeFileSync(join(dir, 'README'), 'models')
    writeFileSync(join(dir, 'a', '000002.model.new'), 'half')

    expect((await store.newest()).map(({ version }) => version)).toEqual([1])
    expect(await store.list()).toHaveLength(1)
  })
})
