import type { Action } from '../domain/action.ts'
import type { Incident } from '../domain/incident.ts'
import type { Freeze } from '../domain/safety.ts'
import type { ConfigProblemJson, ConfigWarningJson, SourceJson } from './contract.ts'

/** How Homeostat is, before it is decided who sees what of it. Times are ms since the epoch. */
export interface StatusFacts {
  readonly at: number
  readonly version: string
  readonly startedAt: number
  /** Time since then; `at` may be that of the readings. */
  readonly uptimeMs: number
  readonly intervalMs: number
  readonly cycle: CycleFacts
  readonly sources: readonly SourceFacts[]
  readonly training: { readonly minHistoryMs: number; readonly intervalMs: number }
  readonly receivers: readonly ReceiverFacts[]
  readonly configuration: ConfigurationFacts
  /** Incidents that go on; as they were when the store could last be read, as the two that follow. */
  readonly ongoing: readonly Pick<Incident, 'target' | 'labels'>[]
  /** Those that wait for a person, and those that are under way. */
  readonly actions: readonly Pick<Action, 'state' | 'target'>[]
  readonly freeze: Freeze | undefined
}

export interface CycleFacts {
  /** Grid time of the newest that succeeded. */
  readonly at?: number
  /** Of the newest. */
  readonly tookMs?: number
  /** In a row. */
  readonly failures: number
}

export interface SourceFacts {
  readonly kind: SourceJson['kind']
  /** Without credentials. */
  readonly url?: string
  readonly state: SourceJson['state']
  /** Time of the newest sample. */
  readonly newestAt?: number
  readonly targets?: number
  readonly problems: readonly string[]
}

export interface ReceiverFacts {
  readonly name: string
  readonly kind: string
  readonly waiting?: number
  readonly sentAt?: number
  readonly failedAt?: number
  readonly failure?: string
}

export interface ConfigurationFacts {
  readonly file?: string
  readonly loadedAt: number
  readonly reload?: { readonly at: number; readonly ok: boolean; readonly problems: readonly ConfigProblemJson[] }
  readonly warnings: readonly ConfigWarningJson[]
}

/** Where the facts come from. Does not fail: what cannot be read is as it was last. */
export interface StatusSource {
  read(): Promise<StatusFacts>
}
