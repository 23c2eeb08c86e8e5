import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type KubernetesApi, type Played, recorded, startKubernetesApi } from '../../test/support/kubernetes-api.ts'
import { manualClock } from '../act/testing/manual-clock.ts'
import { ingressJson, podJson, workloadJson } from '../act/testing/objects.ts'
import { EffectError, type Effects } from '../pipeline/effects.ts'
import { effectsOf, kubeconfigFile, requestOf, TOKEN } from './testing/effects-of.ts'

let api: KubernetesApi
let kubeconfig: ReturnType<typeof kubeconfigFile>

beforeAll(async () => {
  api = await startKubernetesApi()
  kubeconfig = kubeconfigFile(api.url)
})

afterEach(() => {
  api.seen.length = 0
})

afterAll(async () => {
  kubeconfig.remove()
  await api.close()
})

const never = new AbortController().signal

function effects(workload: string, namespaces = '[shop]'): Effects {
  return effectsOf(
    `
actions:
  kubernetes: {kubeconfig: ${kubeconfig.path}, namespaces: ${namespaces}}
  targets: [{match: '{job="node"}', ${workload}}]
`,
    { clock: manualClock(Date.parse('2026-01-01T00:00:00Z')) },
  )
}

const WEB = 'deployment: web, namespace: shop, min_replicas: 2, max_replicas: 4'
const PATH = '/apis/apps/v1/namespaces/shop/deployments/web'

async function refusal(promise: Promise<unknown>): Promise<EffectError> {
  const error = await promise.then(
    () => new Error('it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof EffectError)) throw error
  return error
}

/** Looks, runs, and gives what was changed. */
async function done(action: 'restart' | 'scale_up' | 'scale_down' | 'throttle', workload: string, ...played: Played[]) {
  api.play(...played)
  const effect = await effects(workload).prepare(requestOf(action), never)
  const outcome = await effect.run(never)
  return { call: effect.call, outcome, change: api.seen.at(-1) }
}

describe('scaling a deployment', () => {
  it('sends what a real API server took: a merge patch of its scale', async () => {
    const { call, outcome, change } = await done('scale_down', WEB, 'read scale', 'scale merge-patch')

    expect(change).toMatchObject({
      method: 'PATCH',
      path: recorded('scale merge-patch').request.path,
      contentType: 'application/merge-patch+json',
      authorization: `Bearer ${TOKEN}`,
      body: { metadata: { resourceVersion: '335' }, ...(recorded('scale merge-patch').request.body as object) },
    })
    expect(call).toBe(`PATCH ${PATH}/scale replicas 3 → 2, resourceVersion 335 (Kubernetes)`)
    expect(outcome).toEqual({
      message: 'deployment shop/web scaled from 3 to 2 replicas',
      undo: { replicas: 3, expected: 2 },
    })
  })

  it('up is one replica more', async () => {
    const { change } = await done('scale_up', WEB, 'read scale', 'scale merge-patch')

    expect(change?.body).toMatchObject({ spec: { replicas: 4 } })
  })

  it.each([
    ['scale_up', 'max_replicas: 3', 'max_replicas is 3'],
    ['scale_up', 'min_replicas: 1', 'gives no max_replicas'],
    ['scale_down', 'min_replicas: 3', 'min_replicas is 3'],
  ] as const)('%s stops at %s', async (action, bound, words) => {
    api.play('read scale')

    const error = await refusal(effects(`deployment: web, namespace: shop, ${bound}`).prepare(requestOf(action), never))

    expect(error).toMatchObject({ reason: 'rejected', happened: 'no' })
    expect(error.message).toContain(words)
  })

  it.each([
    ['scale stale resourceVersion', 'precondition'],
    ['scale negative', 'rejected'],
    ['scale wrong type', 'rejected'],
    ['scale missing', 'not_found'],
    ['scale other namespace forbidden', 'unauthorized'],
  ])('that a real API server answered as in "%s" is %s and did not happen', async (name, reason) => {
    api.play('read scale', name)
    const effect = await effects(WEB).prepare(requestOf('scale_down'), never)

    const error = await refusal(effect.run(never))

    expect(error).toMatchObject({ reason, happened: 'no' })
    expect(error.message).toContain((recorded(name).response.body as { message: string }).message.slice(0, 40))
  })

  it('is undone by the number before, while nobody else has scaled', async () => {
    api.play('read scale', 'scale merge-patch', 'read scale')
    const lab = effects(WEB)

    const effect = await lab.prepareUndo(requestOf('scale_up'), { replicas: 2, expected: 3 }, never)
    await effect.run(never)
    const late = await refusal(lab.prepareUndo(requestOf('scale_up'), { replicas: 2, expected: 4 }, never))

    expect(api.seen[1].body).toMatchObject({ spec: { replicas: 2 } })
    expect(late).toMatchObject({ reason: 'precondition', happened: 'no' })
  })
})

describe('restarting a deployment', () => {
  it('sends what a real API server took: a new restartedAt in the pod template', async () => {
    const { change, outcome } = await done('restart', WEB, 'read deployment', 'rollout restart')

    expect(change).toMatchObject({
      method: 'PATCH',
      path: recorded('rollout restart').request.path.replace('?fieldManager=sidecar', ''),
      contentType: recorded('rollout restart').request.contentType,
    })
    expect(JSON.stringify(change?.body)).toBe(
      '{"metadata":{"resourceVersion":"335"},"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-01-01T00:00:00.000Z"}}}}}',
    )
    expect(outcome.undo).toBeUndefined()
  })

  it('that is paused would change nothing and is refused', async () => {
    api.play({ status: 200, body: workloadJson('Deployment', true) })

    expect((await refusal(effects(WEB).prepare(requestOf('restart'), never))).reason).toBe('rejected')
  })

  it('without a valid token is unauthorized', async () => {
    api.play('no token')

    const error = await refusal(effects(WEB).prepare(requestOf('restart'), never))

    expect(error).toMatchObject({ reason: 'unauthorized', happened: 'no' })
  })
})

describe('restarting a pod', () => {
  const POD = 'pod: web-bfc9bc7f-x2x4z, namespace: shop'

  it('deletes exactly the pod that was looked at', async () => {
    const { change } = await done(
      'restart',
      POD,
      { status: 200, body: podJson() },
      { status: 200, body: podJson({ deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    )

    expect(change).toMatchObject({
      method: 'DELETE',
      path: '/api/v1/namespaces/shop/pods/web-bfc9bc7f-x2x4z',
      body: { preconditions: { uid: '0c74b1ef-9c23-4e9c-989f-74078bf44f93', resourceVersion: '335' } },
    })
  })

  it.each([
    ['belongs to no controller', { ownerReferences: [] }, 'rejected'],
    ['is being deleted already', { deletionTimestamp: '2026-01-01T00:00:00Z' }, 'precondition'],
  ])('that %s is refused', async (words, changes, reason) => {
    api.play({ status: 200, body: podJson(changes) })

    const error = await refusal(effects(POD).prepare(requestOf('restart'), never))

    expect(error).toMatchObject({ reason, happened: 'no' })
    expect(error.message).toContain(words)
  })

  it('that the account may not see is unauthorized', async () => {
    api.play('list pods forbidden')

    expect((await refusal(effects(POD).prepare(requestOf('restart'), never))).reason).toBe('unauthorized')
  })
})

describe('throttling an ingress', () => {
  const INGRESS = 'ingress: web, namespace: shop'
  const LIMIT = 'nginx.ingress.kubernetes.io/limit-rps'
  const shown = (limit?: string) => ({
    status: 200,
    body: ingressJson(limit === undefined ? {} : { annotations: { [LIMIT]: limit } }),
  })

  it('sets 50 requests a second unless the rule says otherwise', async () => {
    const { change, outcome } = await done('throttle', INGRESS, shown(), shown('50'))

    expect(change).toMatchObject({
      method: 'PATCH',
      path: '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web',
      contentType: 'application/merge-patch+json',
      body: { metadata: { resourceVersion: '335', annotations: { [LIMIT]: '50' } } },
    })
    expect(outcome.undo).toEqual({ limit: '', expected: '50' })
  })

  it.each([
    ['', null],
    ['200', '200'],
  ])('is undone to %j, which is %j in the patch', async (limit, value) => {
    api.play(shown('50'), shown())

    const effect = await effects(INGRESS).prepareUndo(requestOf('throttle'), { limit, expected: '50' }, never)
    await effect.run(never)

    expect(api.seen[1].body).toMatchObject({ metadata: { annotations: { [LIMIT]: value } } })
  })

  it('that is limited as much already is refused, and so is the undo of another limit', async () => {
    api.play(shown('20'), shown('20'))

    const again = await refusal(effects(INGRESS).prepare(requestOf('throttle'), never))
    const undo = { limit: '', expected: '50' }
    const late = await refusal(effects(INGRESS).prepareUndo(requestOf('throttle'), undo, never))

    expect([again.reason, late.reason]).toEqual(['rejected', 'precondition'])
  })

  it('of a deployment is refused in words', async () => {
    const error = await refusal(effects(WEB).prepare(requestOf('throttle'), never))

    expect(error.message).toContain('map the target to its ingress')
    expect(api.seen).toEqual([])
  })
})

describe('a namespace', () => {
  it.each(['kube-system', 'other'])('%s that a label names is refused without a request', async (namespace) => {
    const workload = "deployment: web, namespace: {label: namespace, pattern: '[a-z-]+'}"

    const error = await refusal(effects(workload).prepare(requestOf('restart', {}, { namespace }), never))

    expect(error).toMatchObject({ reason: 'protected', happened: 'no' })
    expect(api.seen).toEqual([])
  })
})

describe('our own pod', () => {
  it.each(['deployment: web', 'pod: web-bfc9bc7f-x2x4z', 'statefulset: web-bfc9bc7f'])(
    'is not touched as %s',
    async (workload) => {
      const lab = effectsOf(
        `actions: {kubernetes: {kubeconfig: ${kubeconfig.path}, namespaces: [shop]}, targets: [{match: '{job="node"}', ${workload}, namespace: shop}]}`,
        {
          clock: manualClock(),
          environment: {
            variables: {},
            hostName: 'web-bfc9bc7f-x2x4z',
            readFile: (path) => {
              if (path.endsWith('/namespace')) return 'shop'
              throw new Error('no such file')
            },
          },
        },
      )

      expect((await refusal(lab.prepare(requestOf('restart'), never))).reason).toBe('protected')
    },
  )
})
