import { setTimeout as sleep } from 'node:timers/promises'

export interface Deadline {
  /** What is waited for, for the message of the failure. */
  readonly what: string
  readonly withinMs: number
  readonly everyMs?: number
  /** Called when time is up; its text joins the message (logs, the last answer). */
  readonly explain?: () => string
  /** Why waiting on is in vain, as soon as it is. */
  readonly vain?: () => string | undefined
}

/**
 * Asks again and again until the answer is neither `undefined` nor `false`, and returns it. An attempt that throws
 * counts as "not yet".
 *
 * @throws {Error} when the deadline passes, naming the last failure
 */
export async function until<T>(ask: () => Promise<T> | T, deadline: Deadline): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + deadline.withinMs
  let last: unknown
  while (true) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>
    } catch (error) {
      last = error
    }
    const vain = deadline.vain?.()
    if (vain) throw new Error(`never: ${deadline.what}\n${vain}`, { cause: last })
    if (performance.now() > end) break
    await sleep(deadline.everyMs ?? 100)
  }
  const parts = [`not within ${deadline.withinMs} ms: ${deadline.what}`]
  if (last) parts.push(`last failure: ${last}`)
  if (deadline.explain) parts.push(deadline.explain())
  throw new Error(parts.join('\n'), { cause: last })
}
