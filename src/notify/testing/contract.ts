import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NotifyError, type NotifyFailure } from '../../pipeline/receivers.ts'
import type { Notifier } from '../notifier.ts'
import { noticeWith } from './notices.ts'

/** What the other side does with the next message. */
export type Reaction = 'take' | 'unauthorized' | 'slow_down' | 'refuse' | 'fail' | 'hang'

/** A receiver with the other side of it under control. */
export interface Harness {
  readonly notifier: Notifier
  /** What must never show in an error or a log. */
  readonly secrets: readonly string[]
  react(reaction: Reaction): void
  /** The texts that people would see of each message taken, escaped as they came. */
  texts(): readonly string[]
  /** Connections or requests so far. */
  attempts(): number
  /** Everything that was logged. */
  log(): string
  /** Stops listening. */
  close(): Promise<void>
}

/** Where a kind's own protocol has other words for a reaction. */
export type Outcomes = Readonly<Partial<Record<Exclude<Reaction, 'take' | 'hang'>, NotifyFailure>>>

const OUTCOMES: Required<Outcomes> = {
  unauthorized: 'auth',
  slow_down: 'rate_limited',
  refuse: 'rejected',
  fail: 'unavailable',
}
const RETRYABLE: readonly NotifyFailure[] = ['rate_limited', 'unavailable', 'timeout']

/** Hostile in every markup: what of it must not come through as it is. */
const HOSTILE = `<script>alert(1)</script> <!channel> </code><a href="http://evil.example">x</a> & \u202Egnp.exe`
const FORBIDDEN = ['<script', '<!channel', '</code><a', '\u202E']

/**
 * What every kind of receiver promises, whatever it speaks.
 *
 * @param markup whether the text is sent in a markup, where hostile letters must be escaped
 */
export function notifierContract(
  kind: string,
  open: () => Promise<Harness>,
  { markup = true, outcomes = {} }: { readonly markup?: boolean; readonly outcomes?: Outcomes } = {},
): void {
  describe(`the receiver ${kind}`, () => {
    let harness: Harness
    const calm = new AbortController().signal
    const send = (signal = calm, notice = noticeWith()) => harness.notifier.send(notice, undefined, signal)
    const failure = async (signal?: AbortSignal): Promise<NotifyError> => {
      const error = await send(signal).then(
        () => undefined,
        (caught: unknown) => caught,
      )
      expect(error).toBeInstanceOf(NotifyError)
      return error as NotifyError
    }

    beforeEach(async () => {
      harness = await open()
    })
    afterEach(() => harness.close())

    it('says target, cause and the features that speak', async () => {
      harness.react('take')

      await send()

      const [text] = harness.texts()
      for (const word of ['web-1:9100@node', 'cpu_saturation', 'cpu_busy_ratio', '0.98', '0.21']) {
        expect(text).toContain(word)
      }
    })

    it('gives a handle where it updates in place, and takes it back', async () => {
      harness.react('take')

      const first = await send()
      const second = await harness.notifier.send(
        noticeWith({ kind: 'recovered', state: 'recovered' }),
        first.handle,
        calm,
      )

      const inPlace = harness.notifier.capabilities.updates === 'in_place'
      expect([first, second].map(({ handle }) => typeof handle === 'string')).toEqual(
        inPlace ? [true, true] : [expect.any(Boolean), expect.any(Boolean)],
      )
    })

    it.each(Object.keys(OUTCOMES) as (keyof Outcomes)[])(
      'says what became of it when the other side answers %s',
      async (reaction) => {
        harness.react(reaction)
        const expected = { ...OUTCOMES, ...outcomes }[reaction]

        const error = await failure()

        expect(error.reason).toBe(expected)
        expect(error.retryable).toBe(RETRYABLE.includes(expected))
        if (expected === 'rate_limited') expect(error.retryAfterMs).toBe(7_000)
        expect(harness.attempts()).toBe(1)
      },
    )

    it('is unavailable when nobody is there', async () => {
      await harness.close()

      const error = await failure()

      expect(error.reason).toBe('unavailable')
    })

    it('ends at once when it is told to', async () => {
      harness.react('hang')
      const stop = new AbortController()
      const began = performance.now()

      const sending = failure(stop.signal)
      await expect.poll(() => harness.attempts()).toBeGreaterThan(0)
      stop.abort(new Error('stopping'))
      const error = await sending

      expect(error.retryable).toBe(true)
      expect(performance.now() - began).toBeLessThan(3_000)
    })

    it('sends nothing when it was told to stop before', async () => {
      harness.react('take')

      await expect(send(AbortSignal.abort(new Error('stopping')))).rejects.toThrow()

      expect(harness.texts()).toEqual([])
    })

    it('cuts a long text to what the other side takes', async () => {
      harness.react('take')
      const { maxLength } = harness.notifier.capabilities

      await send(calm, noticeWith({ summary: 'ä😀<&'.repeat(30_000) }))

      const [text] = harness.texts()
      expect(text.length).toBeLessThanOrEqual(maxLength + 2_000)
      expect(text).toContain('…')
      expect(text.isWellFormed()).toBe(true)
    })

    it('lets nothing through that a target or an alert could say to its own ends', async () => {
      harness.react('take')

      await send(calm, noticeWith({ target: HOSTILE, summary: HOSTILE }))

      const [text] = harness.texts()
      for (const word of markup ? FORBIDDEN : ['\u202E']) expect(text).not.toContain(word)
    })

    it('shows no secret in errors or logs', async () => {
      const seen: string[] = []

      for (const reaction of ['unauthorized', 'slow_down', 'refuse', 'fail'] as const) {
        harness.react(reaction)
        seen.push(inspect(await failure(), { depth: 10, showHidden: true }))
      }
      await harness.close()
      seen.push(inspect(await failure(), { depth: 10, showHidden: true }), harness.log())

      expect(harness.secrets.length).toBeGreaterThan(0)
      for (const secret of harness.secrets) {
        const forms = [secret, Buffer.from(secret).toString('base64'), encodeURIComponent(secret)]
        for (const form of forms) expect(seen.join('\n')).not.toContain(form)
      }
    })
  })
}
