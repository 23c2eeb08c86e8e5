import { randomInt } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BOUNDARIES } from '../../src/pipeline/heal-dependencies.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { until } from '../support/deadline.ts'
import type { Place } from './effects.ts'

/** The daemon with a hook that ends or pauses it at a boundary. */
const HOOKED = fileURLToPath(new URL('daemon.ts', import.meta.url))
const HOOKS: readonly string[] = BOUNDARIES

/** Where a daemon is stopped: between two steps of an action, while it takes an alert, or at any time. */
export const MOMENTS = [...BOUNDARIES, 'delivery', 'any time'] as const
export type Moment = (typeof MOMENTS)[number]

/** One daemon of a run, which is started again and again. */
export interface Replica {
  /** Undefined while it is down. */
  readonly daemon: Daemon | undefined
  start(): Promise<void>
  /** @throws {Error} when it has not ended by SIGKILL */
  bury(): Promise<void>
  /** @throws {Error} when it ends with a failure */
  stop(): Promise<void>
}

export interface ReplicaOptions {
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  /** Whether it is the built program as it is installed, which knows no boundaries. */
  readonly black?: boolean
}

const orderFile = ({ dir }: Place) => join(dir, 'order')

export function createReplica(place: Place, { name, config, black = false }: ReplicaOptions): Replica {
  const dataDir = join(place.dir, `data-${name}`)
  let daemon: Daemon | undefined
  return {
    get daemon() {
      return daemon
    },
    async start() {
      const options = { config, dataDir, env: { ORDER: orderFile(place) } }
      daemon = await startDaemon(black ? options : { ...options, program: HOOKED })
    },
    async bury() {
      const one = daemon!
      daemon = undefined
      const logs = one.logs()
      const exit = await one.stop()
      if (exit.signal !== 'SIGKILL') throw new Error(`homeostat ended by itself, ${JSON.stringify(exit)}:\n${logs}`)
    },
    async stop() {
      const exit = await daemon?.stop()
      daemon = undefined
      if (exit !== undefined && exit.code !== 0) throw new Error(`homeostat ended with ${JSON.stringify(exit)}`)
    },
  }
}

/** Of these replicas, the one that was hit; and whether that was at the boundary asked for. */
export interface Hit {
  readonly victim: Replica
  readonly atBoundary: boolean
}

/**
 * Kills or pauses one of the replicas that are up: who comes first to the boundary asked for or, where that does not
 * come in time or is none, any of them.
 */
export async function strike(
  place: Place,
  replicas: readonly Replica[],
  { moment, signal, withinMs }: { moment: Moment; signal: 'SIGKILL' | 'SIGSTOP'; withinMs: number },
): Promise<Hit> {
  const up = replicas.filter(({ daemon }) => daemon !== undefined)
  const hit = () => up.find(({ daemon }) => !daemon!.isAlive() || isPaused(daemon!.pid))
  const isHook = HOOKS.includes(moment)
  if (isHook) writeFileSync(orderFile(place), `${moment} ${signal}`)
  const end = performance.now() + (isHook ? withinMs : randomInt(moment === 'delivery' ? 60 : withinMs / 4))
  while (hit() === undefined && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5))
  rmSync(orderFile(place), { force: true })
  const ordered = hit()
  if (ordered !== undefined) return { victim: ordered, atBoundary: true }
  const victim = up[randomInt(up.length)]
  victim.daemon!.signal(signal)
  await until(() => hit() === victim, { what: signal, withinMs: 5000, everyMs: 5 })
  return { victim, atBoundary: false }
}

function isPaused(pid: number): boolean {
  try {
    return /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
