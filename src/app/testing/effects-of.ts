import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../config/load.ts'
import { formatProblem } from '../../config/problem.ts'
import type { Config } from '../../config/resolve.ts'
import type { EffectRequest, Effects } from '../../pipeline/effects.ts'
import type { Environment } from '../../platform/environment.ts'
import { createEffects, type EffectsDependencies } from '../effects.ts'

export const TOKEN = 'hunter2-of-the-cluster'

/** A configuration from its text. @throws {Error} with all problems */
export function configOf(text: string): Config {
  const result = loadConfig({ flags: { config: '/etc/homeostat/homeostat.yaml' }, env: {}, readFile: () => text })
  if (result.ok) return result.config
  throw new Error(result.problems.map(formatProblem).join('\n'))
}

/** A process on a host without containers; secrets are where a test puts them. */
export function environmentOf(files: Readonly<Record<string, string>> = {}, hostName = 'ops-1'): Environment {
  return {
    variables: {},
    hostName,
    readFile: (path) => {
      if (Object.hasOwn(files, path)) return files[path]
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    },
  }
}

/** The effects of a configuration, with whatever else they need. */
export function effectsOf(
  text: string,
  dependencies: Omit<EffectsDependencies, 'environment'> & { readonly environment?: Environment },
): Effects {
  return createEffects(configOf(text), { environment: environmentOf(), ...dependencies })
}

/** A request about the target `web-1:9100@node`. */
export function requestOf(
  action: EffectRequest['action'],
  parameters: EffectRequest['parameters'] = {},
  labels: Readonly<Record<string, string>> = {},
): EffectRequest {
  const own = { instance: labels['instance'] ?? 'web-1:9100', job: labels['job'] ?? 'node' }
  return {
    target: { id: `${own.instance}@${own.job}`, labels: own },
    action,
    parameters,
    labels: { ...labels, ...own },
  }
}

/** A kubeconfig file for a server, with the token above. */
export function kubeconfigFile(server: string): { readonly path: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'homeostat-kubeconfig-'))
  const path = join(directory, 'kubeconfig')
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: { token: TOKEN } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  }
  writeFileSync(path, JSON.stringify(kubeconfig))
  return { path, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
