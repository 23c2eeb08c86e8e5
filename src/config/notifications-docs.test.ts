import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { notificationChecks } from '../app/notification-checks.ts'
import { receiverSchemas } from '../app/registry.ts'
import { loadConfig } from './load.ts'
import { formatProblem } from './problem.ts'

const text = readFileSync(new URL('../../docs/notifications.md', import.meta.url), 'utf8')
const blocks = [...text.matchAll(/^( *)```yaml\n([^`]*)^ *```$/gm)].map(([, indent, example]) =>
  example.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
)
/** The manifest of the app is Slack's. */
const examples = blocks.filter((block) => !block.startsWith('display_information'))

interface Written {
  readonly notifications: Readonly<Record<string, unknown>>
}

/** An example as a whole file: a receiver alone stands below `notifications`, and routes need the receivers they name. */
function wholeFile(example: string): string {
  const { notifications } = parse(
    example.startsWith('notifications:') ? example : `notifications:\n  receivers:\n${example}`,
  ) as Written
  const named = [...example.matchAll(/receiver: ([\w-]+)|receivers: \[([\w, -]+)\]/g)]
    .flatMap(([, one, some]) => (one ?? some).split(', '))
    .map((name) => ({ name, webhook: { url: 'https://example.org/hook' } }))
  const unique = [...new Map(named.map((one) => [one.name, one])).values()]
  return stringify({ notifications: { receivers: unique, ...notifications } })
}

const problemsIn = (file: string) => {
  const input = { flags: { config: 'docs' }, env: {}, readFile: () => file, receivers: receiverSchemas }
  const result = loadConfig({ ...input, checks: notificationChecks })
  return result.ok ? [] : result.problems.map(formatProblem)
}

describe('docs/notifications.md', () => {
  it('has examples of receivers and of routes', () => {
    const shown = examples.map((example) => Object.keys(receiverSchemas).find((kind) => example.includes(`${kind}:`)))

    expect(new Set(shown)).toEqual(
      new Set(['email', 'telegram', 'slack', 'pagerduty', 'teams', 'webhook', 'alertmanager', undefined]),
    )
  })

  it.each(examples)('has no problem in its example %#', (example) => {
    expect(problemsIn(wholeFile(example))).toEqual([])
  })

  it('names every kind of receiver in its table', () => {
    const kinds = [...text.matchAll(/^\| `(\w+)`(?:, \w+)? +\|[^|]*\| *(?:yes|no|below) *\|/gm)].map(([, kind]) => kind)

    expect(new Set(kinds)).toEqual(new Set(Object.keys(receiverSchemas)))
  })

  it('finds fault with an example that has one', () => {
    expect(problemsIn(wholeFile(examples[0].replace('smarthost', 'smart_host')))).not.toEqual([])
  })
})
