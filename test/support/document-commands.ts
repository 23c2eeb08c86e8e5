/** A block of code in a document. */
export interface CodeBlock {
  readonly language: string
  readonly text: string
}

/** The fenced blocks of a document, in order, without the indentation of the list that they stand in. */
export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map(([, indent, language, text]) => ({
    language,
    text: indent === '' ? text : text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}

/** The name that the first line of a block gives the file: `# homeostat.yaml`. */
export function fileNameIn({ text }: CodeBlock): string | undefined {
  return /^# ([\w.-]+\.ya?ml)\n/.exec(text)?.[1]
}

/**
 * The commands of a block for a shell: a line each, or several where a quote or a backslash goes on. What is a comment
 * alone is none.
 */
export function shellCommands(text: string): string[] {
  const commands: string[] = []
  let open = ''
  for (const line of text.split('\n')) {
    open = open === '' ? line : `${open}\n${line}`
    if (line.endsWith('\\') || isInsideQuotes(open)) continue
    const command = open.trim()
    if (command !== '' && !command.startsWith('#')) commands.push(command)
    open = ''
  }
  if (open !== '') throw new Error(`a command does not end: ${open}`)
  return commands
}

function isInsideQuotes(text: string): boolean {
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '\\' && quote !== "'") i++
    else if (quote === '' && character === '#' && /\s/.test(text[i - 1] ?? ' ')) i = endOfLine(text, i)
    else if (quote === '' && (character === "'" || character === '"')) quote = character
    else if (character === quote) quote = ''
  }
  return quote !== ''
}

const endOfLine = (text: string, from: number) => (text.indexOf('\n', from) + 1 || text.length + 1) - 1
