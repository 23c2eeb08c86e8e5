import { expect, it } from 'vitest'
import { codeBlocks, fileNameIn, shellCommands } from './document-commands.ts'

it('finds blocks of code, also those of a list', () => {
  const blocks = codeBlocks('a\n\n```sh\none\n```\n\n1. b:\n\n   ```yaml\n   # x.yaml\n   key: 1\n   ```\n')

  expect(blocks).toEqual([
    { language: 'sh', text: 'one\n' },
    { language: 'yaml', text: '# x.yaml\nkey: 1\n' },
  ])
  expect(blocks.map(fileNameIn)).toEqual([undefined, 'x.yaml'])
})

it('takes a line for a command, and several where a quote or a backslash goes on', () => {
  const text = `# a comment
one   # it's said here
two -d '{
  "three": "it is"}'

four \\
  five "\\"#" six
`

  expect(shellCommands(text)).toEqual([
    "one   # it's said here",
    'two -d \'{\n  "three": "it is"}\'',
    'four \\\n  five "\\"#" six',
  ])
})

it('complains of a quote that nobody closes', () => {
  expect(() => shellCommands("one 'two\nthree\n")).toThrow('does not end')
})
