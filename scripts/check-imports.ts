/** Prints every breach of the import rules below `src/` (or the folder given) as `file:line: what`; exit 1 if any. */
import { join, relative } from 'node:path'
import { checkImports } from './import-rules.ts'

const source = process.argv[2] ?? join(import.meta.dirname, '../src')
const violations = checkImports(source)
for (const { file, line, what } of violations) console.error(`${relative('.', join(source, file))}:${line}: ${what}`)
if (violations.length > 0) process.exitCode = 1
