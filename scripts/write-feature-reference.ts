import { writeFileSync } from 'node:fs'
import { featureReference } from '../src/app/feature-reference.ts'

/** Writes docs/features.md from the catalogue; a test says when it is out of date. */
writeFileSync(new URL('../docs/features.md', import.meta.url), featureReference())
