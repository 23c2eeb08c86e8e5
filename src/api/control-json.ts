import type { Freeze } from '../domain/safety.ts'
import type { FreezeJson } from './contract.ts'

export function freezeJson(freeze: Freeze | undefined): FreezeJson {
  if (freeze === undefined) return { frozen: false, by: null, reason: null, since: null }
  return { frozen: true, by: freeze.by, reason: freeze.reason, since: new Date(freeze.at).toISOString() }
}
