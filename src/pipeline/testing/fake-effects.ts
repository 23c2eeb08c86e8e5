import type { Parameters } from '../../domain/decision.ts'
import type { EffectOutcome, EffectRequest, Effects } from '../effects.ts'

/** Effects that are only counted. What happens when one runs can be set. */
export interface FakeEffects extends Effects {
  /** Requests whose effect was run, in order. */
  readonly done: readonly EffectRequest[]
  /** What earlier effects were taken back with. */
  readonly undone: readonly Parameters[]
  onPrepare: () => Promise<void>
  onRun: (request: EffectRequest, signal: AbortSignal) => Promise<EffectOutcome>
}

export function fakeEffects(): FakeEffects {
  const done: EffectRequest[] = []
  const undone: Parameters[] = []
  const effects: FakeEffects = {
    done,
    undone,
    onPrepare: async () => {},
    onRun: async ({ action, target }) => ({ message: `${action} of ${target.id} done` }),
    selector: ({ target }) =>
      target.id.startsWith('unmapped') ? { ok: false, reason: 'no mapping names it' } : { ok: true },
    protectedBy: ({ target }) => (target.id.startsWith('self') ? 'it is Homeostat' : undefined),
    async prepare(request) {
      await effects.onPrepare()
      return {
        call: `${request.action} ${request.target.id}`,
        blastRadius: 'nothing else',
        timeoutMs: 30_000,
        run(signal) {
          done.push(request)
          return effects.onRun(request, signal)
        },
      }
    },
    async prepareUndo(request, undo) {
      return {
        call: `undo ${request.action} ${request.target.id}`,
        blastRadius: 'nothing else',
        timeoutMs: 30_000,
        async run() {
          undone.push(undo)
          return { message: 'taken back' }
        },
      }
    },
  }
  return effects
}
