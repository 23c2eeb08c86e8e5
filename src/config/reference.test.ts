import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isMap, isScalar, parseDocument } from 'yaml'
import { receiverSchemas } from '../app/registry.ts'
import { loadConfig } from './load.ts'
import { formatProblem } from './problem.ts'
import { writeDefaultFile, writeReference } from './reference.ts'
import { schemaWith } from './schema.ts'
import { documentedKeys } from './schema-tree.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

const root = schemaWith(receiverSchemas)

describe('the generated files', () => {
  it.each([
    ['config/homeostat.yaml', writeDefaultFile],
    ['docs/configuration.md', writeReference],
  ])('%s is up to date (else run: node scripts/write-config-reference.ts)', (path, write) => {
    expect(read(path)).toBe(write(root))
  })

  it('describe every key', () => {
    for (const { path, description, notation, children } of documentedKeys(root)) {
      expect(description, path).not.toBe('')
      expect(notation === '' && children.length === 0, `${path} has no notation`).toBe(false)
      if (children.length === 0 && !path.includes('[]')) expect(read('docs/configuration.md')).toContain(`\`${path}\``)
    }
  })
})

describe('config/homeostat.yaml', () => {
  it('parses to exactly the built-in defaults', () => {
    const builtIn = loadConfig({ flags: {}, env: {}, readFile: () => '' })
    const shipped = loadConfig({
      flags: { config: 'homeostat.yaml' },
      env: {},
      readFile: () => read('config/homeostat.yaml'),
    })

    expect(shipped.ok && shipped.config).toEqual(builtIn.ok && builtIn.config)
    expect(shipped.ok).toBe(true)
  })

  it('mentions every key at its place, commented out where it has no default', () => {
    const uncommented = read('config/homeostat.yaml').replaceAll(/^( *)#(?=\S| {2})/gm, '$1')

    const expected = documentedKeys(root).map(({ path }) => path)

    expect(keysIn(uncommented)).toEqual(expected.filter((path) => !path.includes('[]')))
  })
})

describe('the examples', () => {
  it.each(readdirSync(new URL('../../config/examples/', import.meta.url)))('%s has no problems', (name) => {
    const result = loadConfig({
      flags: { config: name },
      env: {},
      readFile: () => read(`config/examples/${name}`),
      receivers: receiverSchemas,
    })

    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([])
  })
})

function keysIn(text: string): string[] {
  const walk = (node: unknown, prefix: string): string[] => {
    if (!isMap(node)) return []
    return node.items.flatMap(({ key, value }) => {
      const path = `${prefix}${isScalar(key) ? key.value : ''}`
      return [path, ...walk(value, `${path}.`)]
    })
  }
  return walk(parseDocument(text).contents, '')
}
