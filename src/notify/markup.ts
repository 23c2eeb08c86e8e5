/** The markups that texts are written in: Telegram's HTML (a subset that e-mail shows too), Slack's mrkdwn, none. */
export const TEXT_FORMATS = ['plain', 'html', 'mrkdwn'] as const
export type TextFormat = (typeof TEXT_FORMATS)[number]

type Style = 'bold' | 'code'

/** A piece of text in one style. */
export interface TextSpan {
  readonly text: string
  readonly style?: Style
  /** http or https; the text is its label. */
  readonly url?: string
}

// Marks that templates put around what is to be styled. They are of a private area of Unicode and are taken out of all
// that comes from outside, so that nobody else can set them.
const BOLD = ['\uE000', '\uE001'] as const
const CODE = ['\uE002', '\uE003'] as const
const LINK = ['\uE004', '\uE005', '\uE006'] as const
const MARKED =
  /\uE000([^\uE000-\uE006]*)\uE001|\uE002([^\uE000-\uE006]*)\uE003|\uE004([^\uE000-\uE006]*)\uE005([^\uE000-\uE006]*)\uE006/g
const MARKS = /[\uE000-\uE006]/g
/** Control characters other than tab and line end, and those that turn the direction of what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be taken out
const UNFIT = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uE000-\uE006\uFFFE\uFFFF]/g

export const bold = (text: string): string => `${BOLD[0]}${text.replace(MARKS, '')}${BOLD[1]}`
export const code = (text: string): string => `${CODE[0]}${text.replace(MARKS, '')}${CODE[1]}`
export const link = (label: string, url: string): string =>
  /^https?:\/\//.test(url)
    ? `${LINK[0]}${url.replace(MARKS, '')}${LINK[1]}${label.replace(MARKS, '')}${LINK[2]}`
    : label

/** A text that others chose, without what could pass for a mark or turn the text around it. */
export function harmless(text: string): string {
  return text.toWellFormed().replace(UNFIT, ' ')
}

/** One line of it. */
export function oneLine(text: string, maxLength: number): string {
  return cutPlain(harmless(text.replace(MARKS, '')).replace(/\s+/g, ' ').trim(), maxLength)
}

/** The spans of a text with marks; a mark without its counterpart is nothing. */
export function spansOf(marked: string): readonly TextSpan[] {
  const spans: TextSpan[] = []
  let end = 0
  const plain = (text: string) => {
    const clean = text.replace(MARKS, '')
    if (clean !== '') spans.push({ text: clean })
  }
  for (const match of marked.matchAll(MARKED)) {
    plain(marked.slice(end, match.index))
    end = match.index + match[0].length
    const [, strong, fixed, url, label] = match
    if (strong) spans.push({ text: strong, style: 'bold' })
    if (fixed) spans.push({ text: fixed, style: 'code' })
    if (label) spans.push({ text: label, url })
  }
  plain(marked.slice(end))
  return spans
}

/**
 * Spans in a format's markup, everything escaped.
 *
 * @param maxLength a longer text ends with `…` before; no tag, entity, link or letter is cut through
 */
export function writeSpans(spans: readonly TextSpan[], format: TextFormat, maxLength: number): string {
  let text = ''
  for (const [i, span] of spans.entries()) {
    const whole = WRITERS[format](span)
    // Room for the sign that something is missing, unless nothing follows.
    const room = maxLength - text.length - (i === spans.length - 1 ? 0 : 1)
    if (whole.length <= room) text += whole
    else return text + cutSpan(span, format, maxLength - text.length)
  }
  return text
}

function cutSpan(span: TextSpan, format: TextFormat, room: number): string {
  const letters = [...span.text]
  let [low, high] = [0, letters.length]
  const written = (count: number) =>
    count === 0 ? '…' : `${WRITERS[format]({ ...span, text: letters.slice(0, count).join('') })}…`
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (written(middle).length <= room) low = middle
    else high = middle - 1
  }
  return room > 0 ? written(low) : ''
}

function cutPlain(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : cutSpan({ text }, 'plain', maxLength)
}

const WRITERS: Readonly<Record<TextFormat, (span: TextSpan) => string>> = {
  plain: ({ text, url }) => (url === undefined ? text : `${text}: ${url}`),
  html: ({ text, style, url }) => {
    const escaped = escapeHtml(text)
    if (url !== undefined) return `<a href="${escapeHtml(url)}">${escaped}</a>`
    return style === undefined ? escaped : `<${HTML_TAGS[style]}>${escaped}</${HTML_TAGS[style]}>`
  },
  mrkdwn: ({ text, style, url }) => {
    if (url !== undefined)
      return `<${escapeMrkdwn(url).replaceAll('|', '%7C')}|${escapeMrkdwn(text).replaceAll('|', '¦')}>`
    return style === undefined ? escapeMrkdwn(text) : wrapped(escapeMrkdwn(text), MRKDWN_SIGNS[style])
  },
}

const HTML_TAGS = { bold: 'b', code: 'code' } as const
const MRKDWN_SIGNS = { bold: '*', code: '`' } as const

/** mrkdwn has no way to write a sign inside of what it encloses, and encloses within a line only. */
function wrapped(text: string, sign: string): string {
  const inner = text.replaceAll(sign, sign === '*' ? '∗' : 'ˋ').replaceAll('\n', ' ')
  return inner.trim() === '' ? inner : `${sign}${inner}${sign}`
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** Slack takes these three for its own; a mention such as `<!channel>` is one of them. */
function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
