import { type Exchange, NoAnswer, type Send } from '../backends/transport.ts'

/** What comes back for a request: a status with a body, no answer at all, or silence until it is aborted. */
export type Reply =
  | { readonly status: number; readonly body?: unknown }
  | { readonly broken: 'refused' | 'reset' }
  | 'silence'

export interface FakeWire {
  readonly send: Send
  readonly sent: Exchange[]
  /** Requests that change something. */
  changes(): Exchange[]
}

/** Answers requests by a function, and keeps them. */
export function fakeWire(reply: (exchange: Exchange) => Reply): FakeWire {
  const sent: Exchange[] = []
  return {
    sent,
    changes: () => sent.filter(({ method }) => method !== 'GET'),
    send: async (exchange, signal) => {
      sent.push(exchange)
      const answer = reply(exchange)
      if (answer === 'silence') return untilAborted(signal)
      if ('broken' in answer) {
        const [connected, code] = answer.broken === 'reset' ? [true, 'ECONNRESET'] : [false, 'ECONNREFUSED']
        throw new NoAnswer(connected, code, `the connection was ${answer.broken}`)
      }
      const { status, body = {} } = answer
      return { status, body: typeof body === 'string' ? body : JSON.stringify(body), partial: false }
    },
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new NoAnswer(true, 'ABORTED', 'no answer in time')))
  })
}
