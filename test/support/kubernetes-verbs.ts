import { manualClock } from '../../src/act/testing/manual-clock.ts'
import { ingressJson, podJson, scaleJson, workloadJson } from '../../src/act/testing/objects.ts'
import { actions } from '../../src/app/registry.ts'
import { effectsOf, kubeconfigFile, requestOf } from '../../src/app/testing/effects-of.ts'
import type { ActionName } from '../../src/domain/decision.ts'
import type { Effects } from '../../src/pipeline/effects.ts'
import { type KubernetesApi, startKubernetesApi } from './kubernetes-api.ts'

/** One rule of a Role. */
export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

const VERBS: Readonly<Record<string, string>> = { GET: 'get', PATCH: 'patch', DELETE: 'delete' }
const never = new AbortController().signal

/** What rules allow, as `patch apps deployments/scale`, sorted. */
export function allowedBy(rules: readonly PolicyRule[]): string[] {
  const all = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group} ${resource}`))),
  )
  return [...new Set(all)].sort()
}

/** What a request to the API server needs, in the same words. */
function neededFor(method: string, path: string): string {
  const [, group = '', resource, scale = ''] =
    /^\/apis?(?:\/([a-z0-9.]+))?\/v1\/namespaces\/[^/]+\/([a-z]+)\/[^/?]+(\/scale)?$/.exec(path) ?? []
  if (resource === undefined || VERBS[method] === undefined) throw new Error(`what does ${method} ${path} need?`)
  return `${VERBS[method]} ${group} ${resource}${scale}`
}

const KINDS = ['deployment', 'statefulset', 'pod', 'ingress'] as const

/** What is kept of an action for its undo, of an object that has 3 replicas, and 50 requests a second. */
const KEPT: Readonly<Partial<Record<ActionName, Readonly<Record<string, string | number>>>>> = {
  scale_up: { replicas: 2, expected: 3 },
  scale_down: { replicas: 4, expected: 3 },
  throttle: { limit: '', expected: '50' },
}

/** Every action on every kind of object that it knows. */
const DONE = actions.flatMap(({ name, on = {} }) =>
  KINDS.flatMap((kind) => {
    const means = on[kind]
    return means === undefined ? [] : [{ action: name, kind, undo: means.prepareUndo && KEPT[name] }]
  }),
)

/** Does all of it against an API server that notes what it was asked, and says what was needed, sorted. */
export async function verbsThatAreUsed(): Promise<string[]> {
  const api = await startKubernetesApi()
  const kubeconfig = kubeconfigFile(api.url)
  try {
    for (const { action, kind, undo } of DONE) {
      const replicas = kind === 'deployment' || kind === 'statefulset' ? ', min_replicas: 1, max_replicas: 9' : ''
      const effects = effectsOf(
        `
actions:
  kubernetes: {kubeconfig: ${kubeconfig.path}, namespaces: [shop]}
  targets: [{match: '{job="node"}', ${kind}: web, namespace: shop${replicas}}]
`,
        { clock: manualClock(Date.parse('2026-01-01T00:00:00Z')) },
      )
      await doAndUndo(effects, api, action, bodyOf(action, kind), undo)
    }
    return [...new Set(api.seen.map(({ method, path }) => neededFor(method, path)))].sort()
  } finally {
    kubeconfig.remove()
    await api.close()
  }
}

/** What an API server shows of an object before an action, and, for its undo, after it. */
function bodyOf(action: ActionName, kind: (typeof KINDS)[number]): { before: unknown; after: unknown } {
  if (kind === 'pod') return { before: podJson(), after: podJson() }
  if (kind === 'ingress') {
    const limited = { 'nginx.ingress.kubernetes.io/limit-rps': '50' }
    return { before: ingressJson(), after: ingressJson({ annotations: limited }) }
  }
  const workload = workloadJson(kind === 'deployment' ? 'Deployment' : 'StatefulSet')
  return action === 'restart' ? { before: workload, after: workload } : { before: scaleJson(), after: scaleJson() }
}

async function doAndUndo(
  effects: Effects,
  api: KubernetesApi,
  action: ActionName,
  { before, after }: ReturnType<typeof bodyOf>,
  undo: (typeof KEPT)[ActionName],
): Promise<void> {
  const first = { status: 200, body: before }
  api.play(first, first)
  await (await effects.prepare(requestOf(action), never)).run(never)
  if (undo === undefined) return
  const second = { status: 200, body: after }
  api.play(second, second)
  await (await effects.prepareUndo(requestOf(action), undo, never)).run(never)
}
