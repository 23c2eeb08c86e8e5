import type * as https from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import type { KubernetesAccess } from './kubernetes.ts'

/** A kubeconfig file and a context of it, or nothing for the service account of the pod that we run in. */
export interface KubeconfigOptions {
  readonly kubeconfig?: string
  readonly context?: string
}

/** Access as the Kubernetes client library finds it. The library is loaded at the first use: it takes a second. */
export function createKubernetesAccess(options: KubeconfigOptions): () => Promise<KubernetesAccess> {
  let loaded: Promise<KubeConfig> | undefined

  return async () => {
    loaded ??= loadKubeConfig(options)
    const config = await loaded.catch((error: unknown) => {
      loaded = undefined
      throw error
    })
    const server = config.getCurrentCluster()?.server
    const url = server === undefined ? null : URL.parse(server)
    if (url === null)
      throw new Error('no cluster is named: outside of a pod actions.kubernetes.kubeconfig must name one')
    const request: https.RequestOptions = {}
    await config.applyToHTTPSOptions(request)
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = request
    return { url, headers: headersOf(request), tls: { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } }
  }
}

async function loadKubeConfig({ kubeconfig, context }: KubeconfigOptions): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node')
  const config = new KubeConfig()
  if (kubeconfig === undefined) config.loadFromCluster()
  else config.loadFromFile(kubeconfig)
  if (context !== undefined) config.setCurrentContext(context)
  return config
}

function headersOf({ headers, auth }: https.RequestOptions): Record<string, string> {
  const plain = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)])
  const basic = auth ? [['authorization', `Basic ${Buffer.from(auth).toString('base64')}`]] : []
  return Object.fromEntries([...plain, ...basic])
}
