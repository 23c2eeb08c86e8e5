import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createChartPainter } from './chart.ts'
import { drawLevelChart, type LevelChart } from './chart-svg.ts'

const NOW = Date.parse('2026-11-21T10:00:00Z')

function chart(change: Partial<LevelChart> = {}): LevelChart {
  const points = Array.from({ length: 240 }, (_, i) => ({
    at: NOW + i * 15_000,
    level: i < 200 ? 0.3 : 0.3 + (i - 200) / 20,
  }))
  const actions = [{ at: NOW + 215 * 15_000, label: 'restart' }]
  return { target: 'web-1:9100@node', points, detectedAt: NOW + 214 * 15_000, actions, ...change }
}

function sizeOf(png: Uint8Array): { readonly width: number; readonly height: number } {
  const view = new DataView(png.buffer, png.byteOffset)
  return { width: view.getUint32(16), height: view.getUint32(20) }
}

describe('a chart of levels', () => {
  it('is a small PNG', async () => {
    const png = await createChartPainter()(chart())

    expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    expect(sizeOf(png)).toEqual({ width: 720, height: 280 })
    expect(png.length).toBeLessThan(60_000)
    expect(() => inflateSync(idat(png))).not.toThrow()
  })

  it('has letters in it: fonts come with the program', async () => {
    const paint = createChartPainter()

    const [named, nameless] = [await paint(chart()), await paint(chart({ target: '' }))]

    expect(named.length).toBeGreaterThan(nameless.length + 500)
  })

  it('has the threshold, the incident and the actions where they belong', () => {
    const svg = drawLevelChart(chart())

    const height = (level: number) => 252 - (level / (1.1 * (0.3 + 39 / 20))) * 212
    expect(svg).toContain(`y1="${Math.round(height(1) * 10) / 10}"`)
    expect(svg).toContain('>threshold<')
    expect(svg).toContain('>restart<')
    expect(svg.match(/<polyline/g)).toHaveLength(1)
  })

  it('is broken where nothing was read', () => {
    const points = [0, 15_000, 600_000, 615_000].map((after) => ({ at: NOW + after, level: 0.5 }))

    expect(drawLevelChart(chart({ points })).match(/<polyline/g)).toHaveLength(2)
  })

  it.each([
    ['hostile names', { target: '</text><script>&\u0000\uFFFF"' }],
    [
      'levels without bound',
      {
        points: [
          { at: NOW, level: 1e308 },
          { at: NOW + 1, level: 0 },
        ],
      },
    ],
    ['marks outside of it', { detectedAt: 0, recoveredAt: NOW * 2, actions: [{ at: 0, label: '<' }] }],
  ])('can be drawn of %s', async (_, change) => {
    const png = await createChartPainter()(chart(change))

    expect(sizeOf(png).width).toBe(720)
  })
})

function idat(png: Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset)
  const parts: Uint8Array[] = []
  for (let at = 8; at < png.length; at += 12 + view.getUint32(at)) {
    const length = view.getUint32(at)
    const kind = String.fromCharCode(...png.subarray(at + 4, at + 8))
    if (kind === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length))
  }
  return Buffer.concat(parts)
}
