import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1'
import { Scale } from 'kubernetes-models/autoscaling/v1'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1'
import { Eviction } from 'kubernetes-models/policy/v1'
import { Pod } from 'kubernetes-models/v1'

/** What an API server shows, and is asked to change. */
const MODELS = { Deployment, Ingress, Pod, Scale, StatefulSet }

/** Holds an object against the schema of the Kubernetes API. @throws {Error} what is wrong with it */
export function assertObject(body: unknown): void {
  const { apiVersion, kind } = body as { readonly apiVersion?: string; readonly kind?: string }
  const Model = MODELS[kind as keyof typeof MODELS]
  if (Model === undefined) throw new Error(`there is no schema for the kind ${kind} here`)
  const model = new Model(body as never)
  if (Model.apiVersion !== apiVersion) throw new Error(`${kind} is of ${Model.apiVersion}, not of ${apiVersion}`)
  model.validate()
}

/** Holds a patch against the schema of what it makes of an object. @throws {Error} what is wrong with that */
export function assertPatch(shown: unknown, patch: unknown): void {
  assertObject(merged(shown, patch))
}

/** Holds the body of a DELETE against the schema of DeleteOptions. @throws {Error} what is wrong with it */
export function assertDeleteOptions(body: unknown): void {
  new Eviction({ metadata: { name: 'web' }, deleteOptions: body as never }).validate()
}

/** A merge patch, RFC 7396. The maps of a strategic one mean the same. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const isMap = typeof target === 'object' && target !== null && !Array.isArray(target)
  const result: Record<string, unknown> = isMap ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = merged(result[key], value)
  }
  return result
}
