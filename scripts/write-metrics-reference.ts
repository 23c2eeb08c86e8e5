import { writeFileSync } from 'node:fs'
import { metricsReference } from '../src/app/metrics-reference.ts'

/** Writes docs/metrics.md from what `/metrics` shows; a test says when it is out of date. */
writeFileSync(new URL('../docs/metrics.md', import.meta.url), await metricsReference())
