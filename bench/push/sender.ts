import { Agent, request } from 'node:http'

/** What became of readings that were pushed at a fixed rate. Times in milliseconds. */
export interface Pushed {
  /** How many were answered with each status; 0 where the connection failed. */
  readonly statuses: Readonly<Record<number, number>>
  readonly p50: number
  readonly p99: number
  readonly slowest: number
}

function push(agent: Agent, url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
    const sent = request(`${url}/api/v1/observations`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.once('error', reject).end(body)
  })
}

/**
 * Pushes bodies at a fixed rate. What one took counts from when it was due: a server that holds up the sender is not fast.
 *
 * @param services whose bodies take turns; each has a connection of its own, so that its readings arrive in their order
 */
export async function pushAtRate(
  url: string,
  bodies: readonly string[],
  aSecond: number,
  services: number,
): Promise<Pushed> {
  const agents = Array.from({ length: services }, () => new Agent({ keepAlive: true, maxSockets: 1 }))
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
    answers.push(push(agents[i % services], url, body).then(answered, () => answered(0)))
  }
  await Promise.all(answers)
  for (const agent of agents) agent.destroy()
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))]
  return { statuses, p50: at(0.5), p99: at(0.99), slowest: times.at(-1)! }
}
