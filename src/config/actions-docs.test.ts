import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadConfig } from './load.ts'
import { formatProblem } from './problem.ts'

const text = readFileSync(new URL('../../docs/actions.md', import.meta.url), 'utf8')
const examples = [...text.matchAll(/```yaml\n(actions:\n[^`]*)```/g)].map(([, example]) => example)

describe('docs/actions.md', () => {
  it('has an example of a mapping, of a command and of a request', () => {
    expect(examples.map((example) => /\n {2}(\w+):/.exec(example)?.[1])).toEqual(['targets', 'exec', 'http'])
  })

  it.each(examples)('has no problem in its example %#', (example) => {
    const result = loadConfig({ flags: { config: 'docs' }, env: {}, readFile: () => example })

    expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([])
  })
})
