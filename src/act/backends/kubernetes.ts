import type * as https from 'node:https'
import { EffectError } from '../../pipeline/effects.ts'
import { redact } from '../redact.ts'
import type { KubernetesObject } from '../resource.ts'
import { type Asked, failure, isSuccess, refusal } from './status.ts'
import type { Answer, Send } from './transport.ts'

/** How to reach the API server, and who we are to it; asked for before each request, because tokens are rotated. */
export interface KubernetesAccess {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly tls?: https.AgentOptions
}

export type PatchType = 'application/merge-patch+json' | 'application/strategic-merge-patch+json'

/** The part of an object that we look at. */
export interface KubernetesBody {
  readonly metadata: {
    readonly uid: string
    readonly resourceVersion: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
    readonly ownerReferences?: readonly {
      readonly kind: string
      readonly name: string
      readonly controller?: boolean
    }[]
  }
  readonly spec?: { readonly replicas?: number; readonly paused?: boolean }
}

/** What of an object is meant. */
export type Subresource = '' | '/scale'

/** The Kubernetes API, as far as actions need it. All methods throw EffectErrors. */
export interface KubernetesClient {
  /** Namespaces in which anything may be changed. */
  readonly namespaces: readonly string[]
  /** The path of an object, as it stands in a call. */
  pathOf(object: KubernetesObject, subresource?: Subresource): string
  read(object: KubernetesObject, subresource: Subresource, signal: AbortSignal): Promise<KubernetesBody>
  patch(
    object: KubernetesObject,
    subresource: Subresource,
    patch: { readonly type: PatchType; readonly body: unknown },
    signal: AbortSignal,
  ): Promise<void>
  /** Deletes exactly the object that was looked at. */
  remove(object: KubernetesObject, seen: KubernetesBody, signal: AbortSignal): Promise<void>
}

export interface KubernetesOptions {
  readonly namespaces: readonly string[]
  /** @throws {Error} when there is no usable access; the message says what to do */
  readonly access: () => Promise<KubernetesAccess>
}

const FIELD_MANAGER = 'homeostat'
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const ACCESS = 'the Role of Homeostat lacks this verb, or its token is not valid (docs/actions.md)'

const COLLECTION: Readonly<Record<KubernetesObject['kind'], (namespace: string) => string>> = {
  pod: (namespace) => `/api/v1/namespaces/${namespace}/pods`,
  deployment: (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  statefulset: (namespace) => `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
  ingress: (namespace) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses`,
}

export function createKubernetesClient({ namespaces, access }: KubernetesOptions, send: Send): KubernetesClient {
  const pathOf = ({ kind, namespace, name }: KubernetesObject, subresource: Subresource = '') =>
    `${COLLECTION[kind](encodeURIComponent(namespace))}/${encodeURIComponent(name)}${subresource}`

  async function ask(
    asked: Asked,
    request: { method: string; path: string; contentType?: string; body?: unknown },
    signal: AbortSignal,
  ): Promise<Answer> {
    const { url, headers, tls } = await accessTo(access)
    const { contentType } = request
    let answer: Answer
    try {
      answer = await send(
        {
          origin: { url, tls },
          method: request.method,
          path: url.pathname.replace(/\/$/, '') + request.path,
          headers: contentType === undefined ? headers : { ...headers, 'content-type': contentType },
          body: request.body === undefined ? undefined : JSON.stringify(request.body),
          maxBytes: MAX_ANSWER_BYTES,
        },
        signal,
      )
    } catch (error) {
      throw failure(asked, error, signal)
    }
    if (isSuccess(answer)) return answer
    throw refusal(asked, answer.status, redact(wordsOf(answer.body), secretsOf(headers)))
  }

  return {
    namespaces,
    pathOf,
    async read(object, subresource, signal) {
      const asked: Asked = { what: `Kubernetes: read ${nameOf(object)}${subresource}`, changes: false, access: ACCESS }
      return bodyOf(await ask(asked, { method: 'GET', path: pathOf(object, subresource) }, signal), asked)
    },
    async patch(object, subresource, { type, body }, signal) {
      const asked: Asked = { what: `Kubernetes: patch ${nameOf(object)}${subresource}`, changes: true, access: ACCESS }
      const path = `${pathOf(object, subresource)}?fieldManager=${FIELD_MANAGER}`
      // The client library sends JSON patches by default, which the server refuses for these bodies.
      await ask(asked, { method: 'PATCH', path, contentType: type, body }, signal)
    },
    async remove(object, { metadata }, signal) {
      const asked: Asked = { what: `Kubernetes: delete ${nameOf(object)}`, changes: true, access: ACCESS }
      const preconditions = { uid: metadata.uid, resourceVersion: metadata.resourceVersion }
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions }
      await ask(asked, { method: 'DELETE', path: pathOf(object), contentType: 'application/json', body }, signal)
    },
  }
}

const nameOf = ({ kind, namespace, name }: KubernetesObject) => `${kind} ${namespace}/${name}`

/** Our own token: a server, or a proxy before it, may repeat what it was sent. */
function secretsOf({ authorization = '' }: Readonly<Record<string, string>>): string[] {
  return [authorization.replace(/^(Bearer|Basic) /, '')]
}

async function accessTo(access: () => Promise<KubernetesAccess>): Promise<KubernetesAccess> {
  try {
    return await access()
  } catch (error) {
    throw new EffectError('unavailable', 'no', `Kubernetes cannot be reached: ${(error as Error).message}`)
  }
}

/** The words of a Status object. */
function wordsOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown }
    return typeof message === 'string' ? message.slice(0, 300) : ''
  } catch {
    return ''
  }
}

function bodyOf({ body, partial }: Answer, { what }: Asked): KubernetesBody {
  try {
    const object = JSON.parse(body) as KubernetesBody
    const { uid, resourceVersion } = object.metadata
    if (!partial && typeof uid === 'string' && typeof resourceVersion === 'string') return object
  } catch {
    // Said below.
  }
  throw new EffectError('rejected', 'no', `${what}: the answer lacks metadata.uid or metadata.resourceVersion`)
}
