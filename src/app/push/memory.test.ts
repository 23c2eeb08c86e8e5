import { describe, expect, it } from 'vitest'
import { createLogger } from '../../platform/logger.ts'
import type { TensorFile } from '../../store/tensor-file.ts'
import { decodeTensorFile, encodeTensorFile } from '../../store/tensor-file.ts'
import type { KeptServices, PushDoor } from './door.ts'
import { createServicesKeeper, type ServicesHeader } from './memory.ts'

const HOUR = 3_600_000
const KEPT: KeptServices = {
  key: 'as configured',
  services: new Map([
    [
      'checkout',
      {
        names: ['cpu_percent', 'restarts'],
        newestAt: 12_000,
        heardAt: 12_500,
        memory: {
          calm: Float32Array.of(30, 0, 31, 0),
          waiting: Float32Array.of(32, 0),
          newest: Float32Array.of(31, 0, 32, 0),
          noise: Float64Array.of(1, 1.5, 1),
        },
      },
    ],
    [
      'mailer',
      {
        names: ['queue_length'],
        newestAt: 9000,
        heardAt: 9100,
        memory: {
          calm: Float32Array.of(3),
          waiting: new Float32Array(0),
          newest: Float32Array.of(3),
          noise: Float64Array.of(1, 1),
        },
      },
    ],
  ]),
}

/** A keeper on a file that is only bytes. */
function keeperOf(now = { at: 0 }) {
  let bytes: Buffer | undefined
  const log: string[] = []
  const store = {
    load: async () => bytes && decodeTensorFile<ServicesHeader>('memory', bytes),
    save: async (file: TensorFile<ServicesHeader>) => {
      bytes = encodeTensorFile('memory', file)
    },
  }
  const logger = createLogger('info', { write: (line: string) => log.push(line) })
  const clock = { now: () => now.at, sleep: async () => {} }
  const recalled: KeptServices[] = []
  const door = { keep: () => KEPT, recall: (kept: KeptServices) => recalled.push(kept) } as unknown as PushDoor
  return {
    keeper: createServicesKeeper({ store, clock, logger }),
    door,
    recalled,
    log,
    damage: () => {
      bytes = bytes?.subarray(0, bytes.length - 8)
    },
    isSaved: () => bytes !== undefined,
  }
}

describe('what is remembered of services', () => {
  it('is the same after a restart', async () => {
    const { keeper, door, recalled } = keeperOf()

    await keeper.save(door)
    await keeper.load(door)

    expect(recalled).toEqual([KEPT])
  })

  it('is written once an hour', async () => {
    const now = { at: 0 }
    const { keeper, door, isSaved } = keeperOf(now)

    await keeper.saveWhenDue(HOUR - 1, door)
    const early = isSaved()
    await keeper.saveWhenDue(HOUR, door)

    expect([early, isSaved()]).toEqual([false, true])
  })

  it('is left aside when its file is damaged, and that is said', async () => {
    const { keeper, door, recalled, log, damage } = keeperOf()
    await keeper.save(door)
    damage()

    await keeper.load(door)

    expect(recalled).toEqual([])
    expect(JSON.parse(log[0]).msg).toBe('what was remembered of services is refused; they warm up again')
  })
})
