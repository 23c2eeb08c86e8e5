import type { Endpoint, Protection } from '../act/protection.ts'
import type { Config } from '../config/resolve.ts'
import type { Environment } from '../platform/environment.ts'

/** Where the kernel says in which control groups a process is, and what is mounted for it. */
const TRACES = ['/proc/self/cgroup', '/proc/self/mountinfo']

const NAMESPACE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

/** What must never be touched: as configured, and whatever we ourselves stand on. */
export function protectionOf(config: Config, environment: Environment): Protection {
  const { containers, units, namespaces } = config.actions.protected
  return {
    containers,
    units,
    namespaces: ['kube-system', ...namespaces],
    endpoints: endpointsOf(config),
    own: {
      traces: TRACES.map((path) => readable(path, environment)).join('\n'),
      hostName: environment.hostName,
      namespace: readable(NAMESPACE, environment).trim() || undefined,
    },
  }
}

function endpointsOf({ source, store }: Config): Endpoint[] {
  return [...endpointOf(source.prometheus.url, 'our Prometheus'), ...endpointOf(store.url, 'our database')]
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'postgres:': 5432,
  'postgresql:': 5432,
}

function endpointOf(text: string | undefined, what: string): Endpoint[] {
  const url = text === undefined ? null : URL.parse(text)
  if (url === null || url.hostname === '') return []
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return [{ what, host, port: Number(url.port) || (DEFAULT_PORTS[url.protocol] ?? 0) }]
}

/** Nothing where there is no such file, as outside of a container. */
function readable(path: string, { readFile }: Environment): string {
  try {
    return readFile(path)
  } catch {
    return ''
  }
}
