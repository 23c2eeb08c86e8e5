/**
 * The product and nothing else, as built, on a clock that moves on when it is told to: the daemon with its sources,
 * detectors, models and HTTP interface. Only built code is imported, so that the memory measured is the product's.
 */
import { readFileSync } from 'node:fs'
import { answerRequests } from './child.ts'

export type ProductRequest =
  | { readonly kind: 'start'; readonly config: string; readonly startMs: number; readonly built: string }
  | { readonly kind: 'tick' }
  | { readonly kind: 'memory' }
  /** Waits until so many models have been trained since the start. */
  | { readonly kind: 'trained'; readonly models: number }

export interface Started {
  readonly url: string
}

export interface Ticked {
  /** Milliseconds by stage, `tick` the whole; `render` is what was rendered since the tick before. */
  readonly stages: Readonly<Record<string, number>>
  /** What the product had to complain of. */
  readonly complaints: readonly string[]
}

/** Bytes. */
export interface Memory extends NodeJS.MemoryUsage {
  /** Highest resident size since the start. */
  readonly highest: number
}

export interface Answers {
  readonly start: Started
  readonly tick: Ticked
  readonly memory: Memory
  readonly trained: { readonly complaints: readonly string[] }
}

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

let sleepers: readonly Sleeper[] = []
/** The grid time of a tick that was asked for before the loop slept. */
let due: number | undefined
let ticked: (() => void) | undefined
let now = 0
let intervalMs = 0
let stages: Record<string, number> = {}
let complaints: string[] = []
let trained = 0

/** Goes from grid time to grid time, when it is told to tick and the loop waits for that; wakes whoever slept so long. */
const clock = {
  now: () => now,
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const sleeper = { until: now + ms, wake: resolve }
      sleepers = [...sleepers, sleeper]
      const leave = () => {
        sleepers = sleepers.filter((one) => one !== sleeper)
        reject(signal!.reason)
      }
      if (signal?.aborted) return leave()
      signal?.addEventListener('abort', leave, { once: true })
      goOn()
    }),
}

function goOn(): void {
  if (due === undefined || !sleepers.some(({ until }) => until === due)) return
  now = due
  due = undefined
  const rested = sleepers.filter(({ until }) => until <= now)
  sleepers = sleepers.filter(({ until }) => until > now)
  for (const { wake } of rested) wake()
}

async function start(text: string, startMs: number, built: string): Promise<Started> {
  const load = (path: string) => import(new URL(path, built).href)
  const [{ startDaemon }, { loadConfig }, { createMetrics }, { createLogger }] = await Promise.all([
    load('app/daemon.js'),
    load('config/load.js'),
    load('platform/metrics.js'),
    load('platform/logger.js'),
  ])
  // One interval before the first tick: the loop waits for the next grid time.
  now = startMs - 1
  const loaded = loadConfig({ flags: { config: 'bench.yaml' }, env: {}, readFile: () => text })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  intervalMs = loaded.config.interval
  const metrics = createMetrics({ now: clock.now, version: 'bench', node: process.versions.node })
  const watched = {
    ...metrics,
    stageTook(stage: string, seconds: number) {
      stages[stage] = (stages[stage] ?? 0) + seconds * 1000
      metrics.stageTook(stage, seconds)
      if (stage === 'tick') ticked?.()
    },
    trained(outcome: string) {
      if (outcome === 'accepted') trained++
      metrics.trained(outcome)
    },
  }
  const logger = createLogger('debug', { write: complain })
  const daemon = await startDaemon(loaded.config, {
    clock,
    stopwatch: () => performance.now(),
    environment: { variables: {}, hostName: 'bench', readFile: (path: string) => readFileSync(path, 'utf8') },
    logger,
    metrics: watched,
    loadConfig: () => loaded,
  })
  return { url: daemon.server.url }
}

/** Keeps warnings, and cycles whose snapshot came with any. */
function complain(line: string): void {
  const { level, warnings = [] } = JSON.parse(line)
  if (level === 'warn' || level === 'error' || warnings.length > 0) complaints.push(line.trim())
}

async function tick(): Promise<Ticked> {
  const done = new Promise<void>((resolve) => {
    ticked = resolve
  })
  due = (Math.floor(now / intervalMs) + 1) * intervalMs
  goOn()
  await done
  const answer = { stages, complaints }
  stages = {}
  complaints = []
  return answer
}

async function waitForModels(models: number): Promise<{ complaints: readonly string[] }> {
  while (trained < models && complaints.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  return { complaints }
}

answerRequests(async (request: ProductRequest): Promise<Answers[keyof Answers]> => {
  switch (request.kind) {
    case 'start':
      return start(request.config, request.startMs, request.built)
    case 'tick':
      return tick()
    case 'memory':
      return { ...process.memoryUsage(), highest: process.resourceUsage().maxRSS * 1024 }
    case 'trained':
      return waitForModels(request.models)
  }
})
