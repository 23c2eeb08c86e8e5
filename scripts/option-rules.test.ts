import { describe, expect, it } from 'vitest'
import { optionProblems } from './option-rules.ts'

const options = {
  commands: { run: ['--config', '--clock'], model: ['--to', '--json'] },
  keys: ['web', 'web.auth.tokens[].name', 'interval'],
  variables: ['HOMEOSTAT_CONFIG'],
  otherVariables: ['HOMEOSTAT_TOKEN'],
}
const CLI =
  '# Command line\n\n## run\n\n`--clock system` or `--config`\n\n## model\n\n```\nhomeostat model list --json\n```\n\n- `--to`\n'
const CONFIGURATION = '`web` `web.auth.tokens[].name` `interval` `HOMEOSTAT_CONFIG`'

const problems = (changes: Readonly<Record<string, string>> = {}) => {
  const texts = { 'docs/cli.md': CLI, 'docs/configuration.md': CONFIGURATION, ...changes }
  return optionProblems(
    options,
    Object.entries(texts).map(([name, text]) => ({ name, text })),
  )
}

describe('options and documents', () => {
  it('agree where each option is documented and each documented one exists', () => {
    expect(problems({ 'README.md': 'npx homeostat run --clock readings, `web.auth.tokens.name`, `web.md`' })).toEqual(
      [],
    )
  })

  it.each([
    ['a command', CLI.replace('## model', '## models'), 'docs/cli.md: the command model is not documented'],
    ['an option', CLI.replace('- `--to`', ''), 'docs/cli.md: the option --to of model is not documented'],
  ])('%s that docs/cli.md leaves out is said', (_, text, problem) => {
    expect(problems({ 'docs/cli.md': text })).toEqual([problem])
  })

  it.each(['interval', 'HOMEOSTAT_CONFIG', 'web.auth.tokens[].name'])('so is %s in docs/configuration.md', (name) => {
    const found = problems({ 'docs/configuration.md': CONFIGURATION.replace(`\`${name}\``, '') })

    expect(found).toEqual([expect.stringMatching(/^docs\/configuration.md: the \w+ .* is not documented$/)])
    expect(found[0]).toContain(name)
  })

  it.each([
    ['`homeostat run --clok readings`', 'README.md: run has no option --clok'],
    ['```sh\nnpx homeostat run --config a.yaml \\\n  --dry\n```', 'README.md: run has no option --dry'],
    ['`web.auth.token`', 'README.md: there is no key web.auth.token'],
    ['`HOMEOSTAT_CONFG`', 'README.md: there is no environment variable HOMEOSTAT_CONFG'],
  ])('%j is not there, and is said where it stands', (text, problem) => {
    expect(problems({ 'README.md': text })).toEqual([problem])
  })

  it('an option by itself in a section of docs/cli.md is that command’s', () => {
    const text = CLI.replace('- `--to`', '- `--to`, `--form`; compare `run --clock`')

    expect(problems({ 'docs/cli.md': text })).toEqual(['docs/cli.md: model has no option --form'])
  })
})
