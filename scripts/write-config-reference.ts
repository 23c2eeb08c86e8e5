import { writeFileSync } from 'node:fs'
import { writeDefaultFile, writeReference } from '../src/config/reference.ts'

/** Writes what is generated from the schema of the configuration; a test says when it is out of date. */
writeFileSync(new URL('../config/homeostat.yaml', import.meta.url), writeDefaultFile())
writeFileSync(new URL('../docs/configuration.md', import.meta.url), writeReference())
