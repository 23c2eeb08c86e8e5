import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EffectError } from '../pipeline/effects.ts'
import { compilePattern, fillSlot, type Labels, shown } from './slot.ts'

/** The value, or the words of the refusal. */
function fill(pattern: string, labels: Labels): string {
  try {
    return fillSlot(
      { label: 'instance', pattern: compilePattern(pattern) },
      labels,
      'actions.exec.commands[0].slots[0]',
    )
  } catch (error) {
    if (error instanceof EffectError && error.reason === 'invalid' && error.happened === 'no') return error.message
    throw error
  }
}

const REFUSED = /^actions\.exec\.commands\[0\]\.slots\[0\]: the label instance /

describe('a slot', () => {
  it('takes a value that fits as a whole', () => {
    expect(fill('[a-z0-9-]+', { instance: 'web-1' })).toBe('web-1')
  })

  it('takes only what the first group holds, where there is one', () => {
    expect(fill('([a-z0-9-]+):[0-9]+', { instance: 'web-1:9100' })).toBe('web-1')
    expect(fill('(?:web-)?([a-z]+)?[0-9]*', { instance: 'web-1' })).toMatch(REFUSED)
  })

  it.each([
    '; reboot',
    '`id`',
    '&& rm -rf /',
    'web-1\0',
    'web-1\n',
    '../../etc/passwd',
    '{{ .Labels }}',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: somebody else's template, as text
    '${process.env.X}',
    "{{constructor.constructor('return process')()}}",
    'wеb-1',
    'ｗeb-1',
    'web-1; x',
    'a'.repeat(64),
    '',
  ])('refuses %j', (instance) => {
    expect(fill('[a-z0-9-]{1,63}', { instance })).toMatch(REFUSED)
  })

  it.each(['web\0', 'wеb', 'web\u202e', '-rf', '--help', ''])(
    'refuses %j though its pattern would take anything',
    (instance) => {
      expect(fill('(?s).*', { instance })).toMatch(REFUSED)
    },
  )

  it.each([257, 4096])('refuses %i characters', (length) => {
    expect(fill('.*', { instance: 'a'.repeat(length) })).toMatch(REFUSED)
  })

  it('does not take what every object has for a label', () => {
    for (const label of ['toString', 'constructor', '__proto__']) {
      const slot = { label, pattern: compilePattern('.+') }

      expect(() => fillSlot(slot, {}, 'here')).toThrow('is missing')
    }
  })

  it('takes time that grows no faster than the value', () => {
    expect(fill('(a+)+', { instance: `${'a'.repeat(255)}!` })).toMatch(REFUSED)
  })

  it.each(['(?<=a)b', '(a)\\1', '(?=a)', '('])('has no pattern %s', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(RangeError)
  })
})

describe('a value in a message', () => {
  it('is printable ASCII and short, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 5000 }), (text) => {
        const words = shown(text)

        expect(words).toMatch(/^"[\x20-\x7e…]*"$/)
        expect(words.length).toBeLessThan(450)
      }),
    )
  })
})
