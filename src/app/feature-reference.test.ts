import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { featureReference } from './feature-reference.ts'

it('docs/features.md lists the features as they are; write it anew with node scripts/write-feature-reference.ts', () => {
  const written = readFileSync(new URL('../../docs/features.md', import.meta.url), 'utf8')

  expect(written).toBe(featureReference())
})
