import { describe, expect, it } from 'vitest'
import type { ModelCard } from '../../domain/model-file.ts'
import { decodeModelFile, encodeModelFile } from './model-file.ts'

const MODEL = {
  card: { unit: 'web-1:9100@node', features: ['cpu'] } as unknown as ModelCard,
  tensors: {
    weights: Float32Array.of(1, 2, 3),
    edges: Float64Array.of(0.1),
    roots: Int32Array.of(7),
    leaf: Int16Array.of(-1),
  },
}

describe('a model file', () => {
  it('comes back as it was written', () => {
    expect(decodeModelFile(encodeModelFile(MODEL))).toEqual(MODEL)
  })

  it('is refused when any byte was changed', () => {
    const bytes = encodeModelFile(MODEL)
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes)
      damaged[at] ^= 0x10
      expect(() => decodeModelFile(damaged), `byte ${at}`).toThrow()
    }
  })

  it('is refused in clear words when it was cut short', () => {
    expect(() => decodeModelFile(encodeModelFile(MODEL).subarray(0, -1))).toThrow('damaged or cut short')
  })

  it('is refused when another release wrote it', () => {
    const bytes = encodeModelFile(MODEL)
    bytes['homeostat-model '.length] = '9'.charCodeAt(0)

    expect(() => decodeModelFile(bytes)).toThrow('another release')
  })

  it('is refused when it is something else', () => {
    expect(() => decodeModelFile(Buffer.from('{}'))).toThrow('not a Homeostat model')
  })
})
