import { writeFileSync } from 'node:fs'
import { receiverSchemas } from '../src/app/registry.ts'
import { writeDefaultFile, writeReference } from '../src/config/reference.ts'
import { schemaWith } from '../src/config/schema.ts'

/** Writes what is generated from the schema of the configuration; a test says when it is out of date. */
const root = schemaWith(receiverSchemas)
writeFileSync(new URL('../config/homeostat.yaml', import.meta.url), writeDefaultFile(root))
writeFileSync(new URL('../docs/configuration.md', import.meta.url), writeReference(root))
