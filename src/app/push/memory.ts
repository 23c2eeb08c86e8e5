import type { ServiceMemory } from '../../detect/pushed/service-scorer.ts'
import { joined, type Tensor, tensorOf } from '../../domain/tensors.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/logger.ts'
import type { MemoryStore } from '../../store/memory-store.ts'
import type { TensorFile } from '../../store/tensor-file.ts'
import type { KeptServices, PushDoor } from './door.ts'
import type { KeptService } from './service.ts'

/** Whose memories a file holds, and how much of each list of numbers is whose. */
export interface ServicesHeader {
  readonly saved_at: string
  readonly key: string
  readonly services: readonly {
    readonly name: string
    readonly metrics: readonly string[]
    readonly newest_at: number
    readonly heard_at: number
    readonly lengths: readonly number[]
  }[]
}

export interface ServicesKeeperDependencies {
  readonly store: MemoryStore<ServicesHeader>
  readonly clock: Clock
  readonly logger: Logger
}

/** Keeps what is remembered of services over a restart, so that they need not warm up again. */
export interface ServicesKeeper {
  load(door: PushDoor): Promise<void>
  /** Saves when an hour has passed since the last time. */
  saveWhenDue(at: number, door: PushDoor): Promise<void>
  save(door: PushDoor): Promise<void>
}

const SAVE_EVERY_MS = 3_600_000
const LISTS = ['calm', 'waiting', 'newest', 'noise'] as const

export function createServicesKeeper({ store, clock, logger }: ServicesKeeperDependencies): ServicesKeeper {
  let savedAt = clock.now()

  async function save(door: PushDoor): Promise<void> {
    savedAt = clock.now()
    const kept = door.keep()
    if (kept.services.size === 0) return
    try {
      await store.save(toFile(kept, savedAt))
    } catch (err) {
      logger.warn({ err }, 'what is remembered of services could not be written to the data directory')
    }
  }

  return {
    async load(door) {
      try {
        const file = await store.load()
        if (file !== undefined) door.recall(fromFile(file))
      } catch (err) {
        logger.warn({ err }, 'what was remembered of services is refused; they warm up again')
      }
    },
    async saveWhenDue(at, door) {
      if (at - savedAt >= SAVE_EVERY_MS) await save(door)
    },
    save,
  }
}

function toFile({ key, services }: KeptServices, savedAt: number): TensorFile<ServicesHeader> {
  const all = [...services]
  const list = <T extends Tensor>(make: new (length: number) => T, name: keyof ServiceMemory) =>
    joined(
      make,
      all.map(([, { memory }]) => memory[name] as T),
    )
  const header = {
    saved_at: new Date(savedAt).toISOString(),
    key,
    services: all.map(([name, { names, newestAt, heardAt, memory }]) => ({
      name,
      metrics: names,
      newest_at: newestAt,
      heard_at: heardAt,
      lengths: LISTS.map((one) => memory[one].length),
    })),
  }
  const tensors = {
    calm: list(Float32Array, 'calm'),
    waiting: list(Float32Array, 'waiting'),
    newest: list(Float32Array, 'newest'),
    noise: list(Float64Array, 'noise'),
  }
  return { header, tensors }
}

/** @throws {RangeError} when a list of numbers is missing */
function fromFile({ header, tensors }: TensorFile<ServicesHeader>): KeptServices {
  const next = <T extends Tensor>(make: new (length: number) => T, name: string) => {
    const all = tensorOf(tensors, name, make)
    let from = 0
    return (length: number) => {
      from += length
      return all.slice(from - length, from) as T
    }
  }
  const [calm, waiting, newest] = LISTS.slice(0, 3).map((name) => next(Float32Array, name))
  const noise = next(Float64Array, 'noise')
  const services = header.services.map(({ name, metrics, newest_at, heard_at, lengths }): [string, KeptService] => {
    const memory = {
      calm: calm(lengths[0]),
      waiting: waiting(lengths[1]),
      newest: newest(lengths[2]),
      noise: noise(lengths[3]),
    }
    return [name, { names: metrics, newestAt: newest_at, heardAt: heard_at, memory }]
  })
  return { key: header.key, services: new Map(services) }
}
