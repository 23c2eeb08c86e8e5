import { EXPOSITION_TYPE, renderExposition } from './exposition.ts'
import { forEach, request, type Send } from './target.ts'
import type { ServiceTotals } from './traffic.ts'

const JOB = 'homeostat_simulate'

export interface Pushgateway {
  /** Replaces the group of every service. @throws {Error} when the Pushgateway does not take one */
  put(totals: readonly ServiceTotals[], signal: AbortSignal): Promise<void>
  /** Takes all groups away that were put: a Pushgateway forgets nothing by itself. */
  clear(signal: AbortSignal): Promise<void>
}

/** @param url of the Pushgateway, without a slash at its end */
export function createPushgateway(url: string, send: Send): Pushgateway {
  const put = new Set<string>()
  const group = (service: string) => `${url}/metrics/job/${JOB}/instance/${encodeURIComponent(service)}`

  return {
    put: (totals, signal) =>
      forEach(totals, async (one) => {
        const { name } = one.definition
        const init = { method: 'PUT', headers: { 'Content-Type': EXPOSITION_TYPE }, body: renderExposition([one]) }
        await request(send, group(name), init, signal)
        put.add(name)
      }),
    clear: (signal) => forEach([...put], (service) => request(send, group(service), { method: 'DELETE' }, signal)),
  }
}
