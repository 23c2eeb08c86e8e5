import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const BUILT = join(import.meta.dirname, '../../dist/ui')
const LIMIT = 150_000

it('all of the dashboard is at most 150 kB as it is sent, compressed by gzip', () => {
  const files = readdirSync(BUILT, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'))

  const sizes = files.map((name) => statSync(join(BUILT, name)).size)

  expect(files).toContain('index.html.gz')
  expect(files.filter((name) => /\.js\.gz$/.test(name)).length).toBeGreaterThan(0)
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(LIMIT)
})
