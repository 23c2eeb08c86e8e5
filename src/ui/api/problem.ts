import type { ProblemJson } from '../../api/contract.ts'

/** The daemon refused: what `code` and `detail` of its answer say. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  /** As in the contract: `unauthorized`, `action_not_waiting`, …; `unknown` where something in between answered. */
  readonly code: string
  /** For people. */
  readonly detail: string

  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.status = status
    this.code = code
    this.detail = detail
  }
}

/** Nobody answered: the daemon is down, or the network between. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError'

  constructor(options?: ErrorOptions) {
    super('Homeostat does not answer', options)
  }
}

/** Of an answer that is not a good one; a proxy in between may speak in any form. */
export function problemOf(status: number, text: string): ApiProblem {
  const { code, detail } = parsed(text)
  if (typeof code === 'string' && typeof detail === 'string') return new ApiProblem(status, code, detail)
  return new ApiProblem(status, 'unknown', `answered ${status}, and not in the way of Homeostat`)
}

function parsed(text: string): Partial<ProblemJson> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<ProblemJson>
  } catch {
    return {}
  }
}
