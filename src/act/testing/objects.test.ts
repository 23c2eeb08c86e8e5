import { describe, expect, it } from 'vitest'
import { assertDeleteOptions, assertObject, assertPatch } from '../../../test/support/kubernetes-schema.ts'
import { ingressJson, podJson, scaleJson, workloadJson } from './objects.ts'

describe('objects of Kubernetes that are made by hand', () => {
  it.each([
    ['a pod', podJson()],
    [
      'a pod of nobody that is being deleted',
      podJson({ ownerReferences: [], deletionTimestamp: '2026-01-01T00:00:00Z' }),
    ],
    ['a deployment', workloadJson('Deployment', true)],
    ['a statefulset', workloadJson('StatefulSet')],
    ['a scale', scaleJson()],
    ['an ingress', ingressJson({ annotations: { 'nginx.ingress.kubernetes.io/limit-rps': '50' } })],
  ])('fit the schema of its API: %s', (_, object) => {
    expect(() => assertObject(object)).not.toThrow()
  })

  it('would not, were they wrong: the schema looks', () => {
    const number = { annotations: { limit: 50 } } as unknown as Parameters<typeof ingressJson>[0]

    expect(() => assertObject(ingressJson(number))).toThrow(/annotations/)
    expect(() => assertObject({ ...(podJson() as object), spec: {} })).toThrow(/containers/)
    expect(() => assertObject({ ...(ingressJson() as object), apiVersion: 'extensions/v1beta1' })).toThrow(/is of/)
    expect(() => assertPatch(scaleJson(), { spec: { replicas: 'four' } })).toThrow(/replicas/)
    expect(() => assertDeleteOptions({ preconditions: { resourceVersion: 335 } })).toThrow(/resourceVersion/)
  })
})
