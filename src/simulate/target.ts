/** The part of `fetch` that outlets need. */
export type Send = (url: string, init: RequestInit) => Promise<Response>

/** A target cannot be reached at all: what else there is to send need not be tried. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

const TIMEOUT_MS = 5000
const MOST_AT_ONCE = 8
const LONGEST_DETAIL = 200

/**
 * One request; redirects are not followed, credentials would go to a place nobody named.
 *
 * @throws {UnreachableError} without an answer
 * @throws {Error} for any answer but a 2xx, with what it says of the reason
 */
export async function request(send: Send, url: string, init: RequestInit, signal: AbortSignal): Promise<void> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  let response: Response
  let body: string
  try {
    response = await send(url, { ...init, redirect: 'manual', signal: limited })
    body = await response.text()
  } catch (cause) {
    throw new UnreachableError(reasonOf(cause as Error), { cause })
  }
  if (!response.ok) throw new Error(`it answers ${response.status}${detailOf(body)}`)
}

/**
 * Does something with every item, eight at a time. What fails costs itself alone, unless the target is unreachable.
 *
 * @throws the first error, when all that could be done is done
 */
export async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const errors: unknown[] = []
  const left = items.values()
  const isLost = () => errors.some((error) => error instanceof UnreachableError)
  const worker = async () => {
    for (const item of left) {
      if (isLost()) return
      await work(item).catch((error: unknown) => errors.push(error))
    }
  }
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, worker))
  if (errors.length > 0) throw errors[0]
}

function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException
  return `it cannot be reached (${code ?? message})`
}

/** What an RFC 9457 problem, or a plain text, says. */
function detailOf(body: string): string {
  let text = body
  try {
    const { detail } = JSON.parse(body) as { detail?: unknown }
    if (typeof detail === 'string') text = detail
  } catch {
    // Not JSON: the text itself.
  }
  const said = text.replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_DETAIL)
  return said === '' ? '' : `: ${said}`
}
