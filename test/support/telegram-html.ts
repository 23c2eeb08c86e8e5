/** Tags that Telegram's HTML knows, and what must stand in them. */
const TAGS = new Set(['b', 'strong', 'i', 'em', 'u', 'ins', 's', 'strike', 'del', 'code', 'pre', 'a', 'blockquote'])
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' }

/** A text in HTML as Telegram takes it apart: what is shown, or what it says of a mistake. */
export type ParsedHtml = { readonly text: string } | { readonly problem: string }

export function parseTelegramHtml(html: string): ParsedHtml {
  const open: string[] = []
  let text = ''
  const offset = (index: number) => Buffer.byteLength(html.slice(0, index))
  for (let i = 0; i < html.length; ) {
    if (html[i] === '&') {
      const match = /^&(?:#(\d+)|([a-z]+));/.exec(html.slice(i))
      const known = match?.[1] === undefined ? ENTITIES[match?.[2] ?? ''] : String.fromCodePoint(Number(match[1]))
      text += known ?? '&'
      i += known === undefined ? 1 : (match?.[0].length ?? 1)
    } else if (html[i] === '<') {
      const end = html.indexOf('>', i)
      if (end < 0) return { problem: `Unclosed start tag at byte offset ${offset(i)}` }
      const match = /^(\/?)([a-zA-Z-]*)(?:\s+[a-z-]+(?:="[^"<]*")?)*\s*$/.exec(html.slice(i + 1, end))
      const name = match?.[2].toLowerCase() ?? ''
      if (match === null || !TAGS.has(name)) {
        return { problem: `Unsupported start tag "${html.slice(i + 1, end)}" at byte offset ${offset(i)}` }
      }
      if (match[1] === '') open.push(name)
      else if (open.pop() !== name) return { problem: `Unexpected end tag at byte offset ${offset(i)}` }
      i = end + 1
    } else {
      text += html[i]
      i++
    }
  }
  if (open.length > 0) return { problem: `Can't find end tag corresponding to start tag ${open.at(-1)}` }
  return { text: text.trim() }
}
