import { afterEach, describe, expect, it } from 'vitest'
import { hostHistory, QUICK_FIT, START } from '../train/testing/hosts.ts'
import { type FitWorker, openFitWorker } from './fit-worker.ts'
import type { FitJob } from './train-worker.ts'

let worker: FitWorker | undefined
afterEach(() => worker?.close())

function jobOf(rows: number): FitJob {
  const set = hostHistory(1, { rows })
  return {
    sets: new Map([['a', set]]),
    teachers: ['a'],
    options: { ...QUICK_FIT, training: { ...QUICK_FIT.training, length: { steps: 20 } } },
    origin: {
      unit: 'a',
      scope: 'host',
      createdAt: START,
      fromMs: START,
      toMs: START,
      stepMs: 60_000,
      cleaning: { rows, maskedRows: 0, forwardFilled: 0, missing: 0, droppedRows: 0 },
    },
  }
}

describe('the fit worker', () => {
  it('fits in a thread, tells of every epoch, and of a model that cannot be fitted', async () => {
    worker = openFitWorker()
    const epochs: number[] = []

    const file = await worker.fit(jobOf(80), (epoch) => epochs.push(epoch))

    expect(file.card).toMatchObject({ unit: 'a', targets: ['a'] })
    expect(epochs.length).toBeGreaterThan(0)
    await expect(worker.fit(jobOf(1))).rejects.toThrow('2 rows or more')
    await expect(worker.fit(jobOf(80))).resolves.toBeDefined()
  })

  it('gives up what is under way when it is closed, and takes nothing on afterwards', async () => {
    worker = openFitWorker()
    const underWay = worker.fit(jobOf(80))
    const refused = expect(underWay).rejects.toThrow('the training was stopped')

    await worker.close()

    await refused
    await expect(worker.fit(jobOf(80))).rejects.toThrow('the training was stopped')
  })

  it('opens another thread after one that broke down', async () => {
    // Answers with what it was given, or dies of it.
    const source = `
      import { parentPort } from 'node:worker_threads'
      parentPort.on('message', ({ origin }) => {
        if (origin.unit === 'exit') process.exit(3)
        if (origin.unit === 'throw') throw new Error('out of memory')
        parentPort.postMessage({ kind: 'fitted', file: origin.unit })
      })`
    worker = openFitWorker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
    const ask = (unit: string) => worker!.fit({ ...jobOf(2), origin: { ...jobOf(2).origin, unit } })

    await expect(ask('exit')).rejects.toThrow('the training broke down with code 3')
    await expect(ask('first')).resolves.toBe('first')
    await expect(ask('throw')).rejects.toThrow('out of memory')
    await expect(ask('second')).resolves.toBe('second')
  })
})
