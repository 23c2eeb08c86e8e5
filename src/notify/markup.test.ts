import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bold, code, harmless, link, oneLine, spansOf, TEXT_FORMATS, writeSpans } from './markup.ts'

const part = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary' }).map((text) => bold(harmless(text))),
  fc.string({ unit: 'binary' }).map((text) => code(harmless(text))),
  fc.tuple(fc.string(), fc.webUrl()).map(([label, url]) => link(harmless(label), url)),
  fc.constantFrom('<b>', '</b>', '&amp;', '&', '<!channel>', '`', '*', '😀', '\uE000', '\uE001', '\u202E'),
)
const marked = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''))

describe('a text in a markup', () => {
  it('is never longer than it may be', () => {
    fc.assert(
      fc.property(
        marked,
        fc.constantFrom(...TEXT_FORMATS),
        fc.integer({ min: 0, max: 200 }),
        (text, format, length) => {
          expect(writeSpans(spansOf(text), format, length).length).toBeLessThanOrEqual(length)
        },
      ),
    )
  })

  it('in HTML has tags that are closed in order, and entities that are whole, wherever it is cut', () => {
    fc.assert(
      fc.property(marked, fc.integer({ min: 0, max: 200 }), (text, length) => {
        const html = writeSpans(spansOf(harmless(text).concat(bold('x<y'), code('a&b'))), 'html', length)

        const rest = html
          .replace(/<b>[^<>]*<\/b>|<code>[^<>]*<\/code>|<a href="[^"<>]*">[^<>]*<\/a>/g, '')
          .replace(/&(?:amp|lt|gt|quot);/g, '')
        expect(rest).not.toMatch(/[<>&]/)
        expect(html.isWellFormed()).toBe(true)
      }),
    )
  })

  it('in mrkdwn has nothing in angle brackets but our links, wherever it is cut', () => {
    fc.assert(
      fc.property(marked, fc.integer({ min: 0, max: 200 }), (text, length) => {
        const written = writeSpans(spansOf(text), 'mrkdwn', length)

        expect(written.replace(/<https?:[^<>|]*\|[^<>|]*>/g, '')).not.toMatch(/[<>]/)
      }),
    )
  })

  it('is whole where there is room for it', () => {
    const spans = spansOf(`a < b ${bold('bold & new')} ${code('x')} ${link('here', 'https://example.org/?a=1&b="')}`)

    expect(writeSpans(spans, 'html', 1_000)).toBe(
      'a &lt; b <b>bold &amp; new</b> <code>x</code> <a href="https://example.org/?a=1&amp;b=&quot;">here</a>',
    )
    expect(writeSpans(spans, 'mrkdwn', 1_000)).toBe(
      'a &lt; b *bold &amp; new* `x` <https://example.org/?a=1&amp;b="|here>',
    )
    expect(writeSpans(spans, 'plain', 1_000)).toBe('a < b bold & new x here: https://example.org/?a=1&b="')
  })

  it('is cut between letters, not through them', () => {
    expect(writeSpans([{ text: '😀😀😀' }], 'plain', 4)).toBe('😀…')
    expect(writeSpans([{ text: 'a&b' }], 'html', 5)).toBe('a…')
    expect(writeSpans([{ text: 'abcdef', style: 'bold' }, { text: 'more' }], 'html', 11)).toBe('<b>abc</b>…')
  })

  it('links to nothing but pages', () => {
    expect(link('x', 'javascript:alert(1)')).toBe('x')
  })
})

describe('what others chose', () => {
  it('cannot set our marks, turn the direction of the text, or control a terminal', () => {
    expect(harmless('a\uE000b\u202Ec\u0007d\u001B[31m')).toBe('a b c d [31m')
  })

  it('is one line where one line is wanted', () => {
    expect(oneLine('a\r\nBcc: x\n\n b', 100)).toBe('a Bcc: x b')
    expect(oneLine('x'.repeat(300), 10)).toBe(`${'x'.repeat(9)}…`)
  })
})
