import { stringify } from 'yaml'
import type { z } from 'zod'
import { formatPath } from './problem.ts'
import { type DocumentedKey, keyTree } from './schema-tree.ts'
import { SETTINGS } from './settings.ts'

const COMMENT_WIDTH = 100

/**
 * `config/homeostat.yaml`: every key with its description and its default. Keys without a default stand commented
 * out, as `#key: example`, those below them as `#  key: example`; prose has one space after the `#`.
 *
 * @param root the schema; without the kinds of receivers unless given
 */
export function writeDefaultFile(root?: z.core.$ZodType): string {
  const head = [
    '# Homeostat: every key with its default. Generated from src/config/schema.ts; docs/configuration.md has the details.',
    '# Keys may be left out. Flags win over environment variables, both over this file.',
    '# Check your own copy with: homeostat check-config FILE',
  ]
  return `${[...head, ...keyTree(root).flatMap((key) => ['', ...yamlOf(key, '')])].join('\n')}\n`
}

/** The lines of one key with all that is below it. */
function yamlOf(key: DocumentedKey, indent: string): string[] {
  const isSection = key.children.length > 0 && key.notation === ''
  const absent = isSection ? key.optional : key.default === undefined
  const comment = wrap(key.description, COMMENT_WIDTH - indent.length).map((line) => `${indent}# ${line}`)
  const lead = `${indent}${absent ? '#' : ''}${key.key}:`
  if (!isSection)
    return [...comment, ...entryExample(key, indent), `${lead} ${absent ? key.example : written(key.default)}`]
  if (!absent) return [...comment, lead, ...key.children.flatMap((child) => yamlOf(child, `${indent}  `))]
  return [...comment, lead, ...key.children.flatMap((child) => absentYamlOf(child, `${indent}#  `))]
}

/** The lines of a key inside a section that is commented out as a whole. */
function absentYamlOf(key: DocumentedKey, indent: string): string[] {
  return [`${indent}# ${key.description}`, `${indent}${key.key}: ${key.example}`]
}

/** What an entry of a list of sections looks like, as prose. */
function entryExample(key: DocumentedKey, indent: string): string[] {
  if (key.children.length === 0) return []
  if (key.example !== undefined) return [`${indent}# - ${key.example}`]
  return [`${indent}# - {${key.children.map((child) => `${child.key}: ${child.example}`).join(', ')}}`]
}

/** `docs/configuration.md`: the reference of all keys. @param root the schema; without the kinds of receivers unless given */
export function writeReference(root?: z.core.$ZodType): string {
  return `${[
    '# Configuration',
    '',
    '<!-- Generated from src/config/schema.ts by `node scripts/write-config-reference.ts`; do not edit. -->',
    '',
    'One YAML file, named by `--config FILE` or `HOMEOSTAT_CONFIG`. Without it the defaults below hold.',
    '[config/homeostat.yaml](../config/homeostat.yaml) has every key with its default, [config/examples/](../config/examples/) has',
    'files to start from, and `homeostat check-config FILE` reports everything that is wrong with a file at once.',
    '',
    '- Unknown and repeated keys are refused, and so are YAML tags, anchors, aliases and merge keys.',
    '- Durations carry their unit: `15s`, `1m30s`, `12h`, `7d` (also `ms` and `w`). Sizes: `64MiB`. Shares: `2%`.',
    '- Secrets never stand in the file: keys that end in `_file` or `_env` name where they are.',
    '- Relative paths count from the directory of the file, `data_dir` from the working directory.',
    '',
    'Some keys can be set elsewhere too:',
    '',
    '- the file itself: `--config`, `HOMEOSTAT_CONFIG`',
    ...SETTINGS.map(({ path, flag, variable }) => {
      return `- ${code(formatPath(path))}: ${flag === undefined ? '' : `${code(`--${flag}`)}, `}${code(variable)}`
    }),
    '',
    'A flag wins over the environment variable, both win over the file. An empty variable counts as unset.',
    ...keyTree(root).flatMap((key) => ['', ...chapter(key)]),
  ].join('\n')}\n`
}

function chapter(key: DocumentedKey): string[] {
  if (key.children.length === 0) return [`## \`${key.key}\``, '', entry(key)]
  return [`## \`${key.key}\``, '', key.description, '', ...leaves(key).map(entry)]
}

function entry({ path, notation, default: fallback, optional, description }: DocumentedKey): string {
  if (notation === '') return `- ${code(path)}${optional ? ' (optional section)' : ''}: ${description}`
  const usual = fallback === undefined ? '' : `, default ${code(written(fallback))}`
  return `- ${code(path)} (${notation}${usual}): ${description}`
}

/** The keys below one, parents before children. */
function leaves(key: DocumentedKey): DocumentedKey[] {
  return key.children.flatMap((child) => [child, ...leaves(child)])
}

function written(value: unknown): string {
  if (value !== null && typeof value === 'object' && Object.keys(value).length === 0)
    return Array.isArray(value) ? '[]' : '{}'
  if (value === '') return '""'
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim()
}

function code(value: string): string {
  return `\`${value}\``
}

function wrap(words: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
