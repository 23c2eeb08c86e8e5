import { Agent, request } from 'node:http'

/** What a sender saw of one webhook. */
interface Answer {
  readonly status: number
  /** From the time at which it was due, so that a server that holds up the sender does not look fast. */
  readonly tookMs: number
}

export interface Acknowledgements {
  readonly answers: readonly Answer[]
  readonly p50: number
  readonly p99: number
  readonly slowest: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

export function post(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
    const sent = request(`${url}/api/v1/webhooks/alertmanager`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.once('error', reject).end(body)
  })
}

/** Posts bodies at a fixed rate, whether the ones before were answered or not. */
export async function postAtRate(url: string, bodies: readonly string[], aSecond: number): Promise<Acknowledgements> {
  const began = performance.now()
  const answers: Promise<Answer>[] = []
  for (const [i, body] of bodies.entries()) {
    const due = began + (i * 1000) / aSecond
    const early = due - performance.now()
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
    const answered = (status: number) => ({ status, tookMs: performance.now() - due })
    answers.push(post(url, body).then(answered, () => answered(0)))
  }
  const all = await Promise.all(answers)
  const times = all.map(({ tookMs }) => tookMs).sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]
  return { answers: all, p50: at(0.5), p99: at(0.99), slowest: times.at(-1)! }
}
