import { TargetSeries } from '../../api/target-series.ts'
import type { Verdict } from '../../domain/verdict.ts'
import type { Logger } from '../../platform/logger.ts'
import { createTroubleLog } from '../troubles.ts'

export interface MirrorOptions {
  /** Base URL of the Pushgateway. */
  readonly url: string
  /** Longest time that one request may take, ms. */
  readonly timeoutMs: number
  readonly logger: Logger
  readonly fetch?: typeof fetch
}

/** Gives a Pushgateway what `/metrics` says of targets. */
export interface Mirror {
  /** Replaces what it was given before; what cannot be given is logged, and left out. */
  put(verdicts: Iterable<Verdict>): Promise<void>
}

/** One group for each job: a Pushgateway takes the job of a group for that of all in it. */
export function createMirror({ url, timeoutMs, logger, fetch: send = fetch }: MirrorOptions): Mirror {
  const series = new TargetSeries()
  const trouble = createTroubleLog(logger, {
    begun: 'the Pushgateway does not take the scores',
    over: 'the Pushgateway takes the scores again',
  })
  const given = new Set<string>()
  let underWay: Promise<void> | undefined

  async function putAll(verdicts: Iterable<Verdict>): Promise<void> {
    const byJob = new Map<string, Verdict[]>([...given].map((job) => [job, []]))
    for (const verdict of verdicts) {
      const job = verdict.target.labels['job'] || 'homeostat'
      byJob.set(job, [...(byJob.get(job) ?? []), verdict])
    }
    try {
      for (const [job, own] of byJob) {
        const body = [...series.render(own)].join('')
        const signal = AbortSignal.timeout(timeoutMs)
        const headers = { 'Content-Type': 'text/plain; version=0.0.4' }
        const { status } = await send(groupUrl(url, job), { method: 'PUT', headers, body, signal, redirect: 'error' })
        if (status !== 200 && status !== 202) throw new Error(`it answered ${status}`)
        given.add(job)
      }
      trouble.say(undefined, {})
    } catch (error) {
      const { message } = error as Error
      trouble.say(message, { error: message })
    }
  }

  return {
    put(verdicts) {
      underWay ??= putAll(verdicts).finally(() => {
        underWay = undefined
      })
      return underWay
    },
  }
}

/** The second label keeps what others push for the same job. */
function groupUrl(url: string, job: string): string {
  return `${url.replace(/\/$/, '')}/metrics/job@base64/${Buffer.from(job).toString('base64url')}/origin/homeostat`
}
