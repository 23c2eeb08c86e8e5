import type { Effect, EffectRequest, Effects } from '../../pipeline/effects.ts'

/**
 * Effects that are only told of: in simulated time nothing is touched, and nothing needs to be there to be touched. A
 * target that must never be acted on is refused all the same.
 */
export function createDryEffects({ protectedBy }: Pick<Effects, 'protectedBy'>): Effects {
  return {
    protectedBy,
    selector: () => ({ ok: true }),
    prepare: async (request) => dry(request.action, request),
    prepareUndo: async (request) => dry(`undo of ${request.action}`, request),
  }
}

function dry(what: string, { target, parameters }: EffectRequest): Effect {
  const given = Object.entries(parameters).map(([name, value]) => `${name}=${value}`)
  const call = ['dry run:', what, target.id, ...given].join(' ')
  return { call, blastRadius: 'nothing', timeoutMs: 1000, run: async () => ({ message: call }) }
}
