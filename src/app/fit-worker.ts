import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { ModelFile } from '../domain/model-file.ts'
import type { OnEpoch } from '../train/autoencoder.ts'
import type { Contest } from '../train/contest.ts'
import type { ContestJob, ExtendJob, FitAnswer, FitJob } from './train-worker.ts'

/** A thread that fits models one after the other, so that no tick waits for a training. */
export interface FitWorker {
  /** @throws {Error} when the model cannot be fitted, or the worker was closed */
  fit(job: FitJob, onEpoch?: OnEpoch): Promise<ModelFile>
  /** @throws {Error} as `fit` */
  extend(job: ExtendJob): Promise<ModelFile>
  /** @throws {Error} as `fit` */
  contest(job: ContestJob): Promise<Contest>
  close(): Promise<void>
}

// The same folder holds TypeScript in a checkout and JavaScript in a build.
const ENTRY = new URL(`./train-worker${extname(import.meta.filename)}`, import.meta.url)

/** @param entry the module that the thread runs; after a thread broke down the next job gets another one */
export function openFitWorker(entry: URL = ENTRY): FitWorker {
  let thread: Worker | undefined
  let closed = false

  function running(): Worker {
    if (thread !== undefined) return thread
    const started = new Worker(entry)
    const forget = () => {
      if (thread === started) thread = undefined
    }
    started.on('error', forget).on('exit', forget)
    thread = started
    return started
  }

  const ask = <T>(job: FitJob, take: (answer: FitAnswer) => T | undefined, onEpoch: OnEpoch = () => {}): Promise<T> =>
    new Promise((resolve, reject) => {
      if (closed) throw new Error('the training was stopped')
      const worker = running()
      const onMessage = (answer: FitAnswer) => {
        if (answer.kind === 'epoch') return onEpoch(answer.epoch, answer.epochs, answer.training, answer.validation)
        settle()
        const result = take(answer)
        if (result !== undefined) resolve(result)
        else reject(new Error(answer.kind === 'failed' ? answer.message : `unexpected answer ${answer.kind}`))
      }
      const onError = (error: unknown) => {
        settle()
        reject(error)
      }
      const onExit = (code: number) => {
        settle()
        reject(new Error(closed ? 'the training was stopped' : `the training broke down with code ${code}`))
      }
      const settle = () => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      }
      worker.on('message', onMessage).on('error', onError).on('exit', onExit)
      worker.postMessage(job)
    })

  return {
    fit: (job, onEpoch) => ask(job, (answer) => (answer.kind === 'fitted' ? answer.file : undefined), onEpoch),
    extend: (job) => ask(job, (answer) => (answer.kind === 'fitted' ? answer.file : undefined)),
    contest: (job) => ask(job, (answer) => (answer.kind === 'contested' ? answer.contest : undefined)),
    async close() {
      closed = true
      await thread?.terminate()
    },
  }
}
