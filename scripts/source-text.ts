/** A TypeScript file with what a rule must not trip over painted out by spaces; lines and columns stay. */
export interface SourceText {
  /** Without comments. */
  readonly code: string
  /** Without comments and without the insides of strings, templates (their `${}` stay) and regular expressions. */
  readonly bare: string
}

/** After these a slash begins a regular expression; after a name, a number or a closing bracket it divides. */
const BEFORE_REGEX =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|delete|void|throw|else|do|await|yield))$/
/** A string, a comment or a regular expression, from where it begins. */
const TOKENS = {
  lineComment: /\/\/[^\n]*/y,
  blockComment: /\/\*[\s\S]*?\*\//y,
  string: /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y,
  regex: /\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
  templateText: /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y,
} as const

const blank = (text: string) => text.replace(/[^\n]/g, ' ')
const hollow = (text: string) => (text.length < 2 ? text : text[0] + blank(text.slice(1, -1)) + text.at(-1))

/** Paints out comments and literals. It knows just enough of the grammar to tell a division from a regular expression. */
export function paintOut(source: string): SourceText {
  let code = ''
  let bare = ''
  let at = 0
  /** One entry for each template we are inside of: open braces in its present `${}`. */
  const templates: number[] = []

  function take(token: RegExp): string | undefined {
    token.lastIndex = at
    return token.exec(source)?.[0]
  }

  function emit(text: string, asCode: string, asBare: string): void {
    code += asCode
    bare += asBare
    at += text.length
  }

  /** Template text up to the next `${` or the closing backtick. */
  function templateText(): void {
    const text = take(TOKENS.templateText) ?? ''
    emit(text, text, blank(text))
    if (source.startsWith('${', at)) {
      templates.push(0)
      emit('${', '${', '${')
    } else if (at < source.length) emit('`', '`', '`')
  }

  while (at < source.length) {
    const comment = take(TOKENS.lineComment) ?? take(TOKENS.blockComment)
    if (comment) {
      emit(comment, blank(comment), blank(comment))
      continue
    }
    const literal =
      take(TOKENS.string) ?? (BEFORE_REGEX.test(bare.trimEnd().slice(-12)) ? take(TOKENS.regex) : undefined)
    if (literal) {
      emit(literal, literal, hollow(literal))
      continue
    }
    const char = source[at]
    const inTemplate = templates.length > 0
    emit(char, char, char)
    if (char === '`') templateText()
    else if (char === '{' && inTemplate) templates[templates.length - 1]++
    else if (char === '}' && inTemplate && templates[templates.length - 1]-- === 0) {
      templates.pop()
      templateText()
    }
  }
  return { code, bare }
}
