import { Agent, request } from 'node:http'

/** What became of readings that were pushed at a fixed rate. Times in milliseconds. */
export interface Pushed {
  /** How many were answered with each status. */
  readonly statuses: Readonly<Record<number, number>>
  readonly p50: number
  readonly p99: number
  readonly slowest: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

function push(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
    const sent = request(`${url}/api/v1/observations`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.once('error', reject).end(body)
  })
}

/** Pushes bodies at a fixed rate. What one took counts from when it was due: a server that holds up the sender is not fast. */
export async function pushAtRate(url: string, bodies: readonly string[], aSecond: number): Promise<Pushed> {
  const began = performance.now()
  const times: number[] = []
  const statuses: Record<number, number> = {}
  const answers: Promise<void>[] = []
  for (const [i, body] of bodies.entries()) {
    const due = began + (i * 1000) / aSecond
    const early = due - performance.now()
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
    const answered = (status: number) => {
      times.push(performance.now() - due)
      statuses[status] = (statuses[status] ?? 0) + 1
    }
    answers.push(push(url, body).then(answered, () => answered(0)))
  }
  await Promise.all(answers)
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]
  return { statuses, p50: at(0.5), p99: at(0.99), slowest: times.at(-1)! }
}
