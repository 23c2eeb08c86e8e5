import { type RunCommand, runCommand } from '../act/backends/command.ts'
import { createDockerClient, type DockerOptions } from '../act/backends/docker.ts'
import { createKubernetesAccess } from '../act/backends/kubeconfig.ts'
import { createKubernetesClient } from '../act/backends/kubernetes.ts'
import { createSystemd } from '../act/backends/systemd.ts'
import { type Send, send } from '../act/backends/transport.ts'
import type { ExecCommand } from '../act/exec/command.ts'
import { blockListOf, type Resolve, resolveHost } from '../act/http/address.ts'
import type { HttpRequestOptions, HttpValue } from '../act/http/options.ts'
import type { MappingRule, NameSource } from '../act/mapping.ts'
import { createRunner } from '../act/runner.ts'
import { compilePattern, type Slot } from '../act/slot.ts'
import type { Config } from '../config/resolve.ts'
import { compileMatchers } from '../observe/matcher.ts'
import type { Effects } from '../pipeline/effects.ts'
import type { Clock } from '../platform/clock.ts'
import type { Environment } from '../platform/environment.ts'
import { readSecret } from '../platform/secrets.ts'
import { protectionOf } from './protection.ts'
import { actions } from './registry.ts'

export interface EffectsDependencies {
  readonly clock: Clock
  readonly environment: Environment
  /** The network, name resolution and processes; the real ones unless given. */
  readonly send?: Send
  readonly resolve?: Resolve
  readonly runCommand?: RunCommand
}

/** The actions as the configuration has them. Nothing is connected to, and no library loaded, before its first use. */
export function createEffects(config: Config, dependencies: EffectsDependencies): Effects {
  const { clock, environment } = dependencies
  const wire = dependencies.send ?? send
  const run = dependencies.runCommand ?? runCommand
  const { docker, kubernetes, systemd, exec, http } = config.actions
  return createRunner({
    actions,
    mapping: mappingOf(config),
    world: {
      clock,
      runCommand: run,
      docker: createDockerClient(dockerOptions(docker, environment), wire),
      kubernetes: createKubernetesClient(
        { namespaces: kubernetes.namespaces, access: createKubernetesAccess(kubernetes) },
        wire,
      ),
      systemd: createSystemd(systemd.systemctl, run),
      exec: exec.commands.map((command, i) => commandOf(command, i, environment)),
      http: {
        requests: http.requests.map((request, i) => requestOf(request, i, environment)),
        allowed: blockListOf(http.allow_addresses),
        resolve: dependencies.resolve ?? resolveHost,
        send: wire,
      },
      protection: protectionOf(config, environment),
    },
  })
}

type Actions = Config['actions']

const KINDS = ['container', 'unit', 'deployment', 'statefulset', 'pod', 'ingress'] as const

function mappingOf({ actions: { targets } }: Config): MappingRule[] {
  return targets.flatMap((target, i) => {
    const matches = compileMatchers(target.match)
    const { namespace, min_replicas: min = 1, max_replicas: max } = target
    return KINDS.flatMap((kind): MappingRule[] => {
      const name = target[kind]
      if (name === undefined) return []
      const place = `actions.targets[${i}]`
      const replicas = { min, max }
      return [{ place, matches, kind, name: sourceOf(name), namespace: namespace && sourceOf(namespace), replicas }]
    })
  })
}

type Written = { readonly label: string; readonly pattern: string }

const slotOf = ({ label, pattern }: Written): Slot => ({ label, pattern: compilePattern(pattern) })
const sourceOf = (source: string | Written): NameSource => (typeof source === 'string' ? source : slotOf(source))

function dockerOptions({ socket, url, tls, label, stop_timeout }: Actions['docker'], env: Environment): DockerOptions {
  const pem = (path: string | undefined) => (path === undefined ? undefined : env.readFile(path))
  const origin =
    url === undefined
      ? { socketPath: socket }
      : {
          url: new URL(url),
          tls: () => ({ ca: pem(tls.ca_file), cert: pem(tls.cert_file), key: pem(tls.key_file) }),
        }
  return { origin, requiredLabel: label, stopSeconds: Math.round(stop_timeout / 1000) }
}

type Value = string | { readonly file: string } | { readonly env: string }

function valuesOf(values: Readonly<Record<string, Value>>, environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      return [name, typeof value === 'string' ? value : readSecret(value, environment).reveal()]
    }),
  )
}

const secretsIn = (values: Readonly<Record<string, Value>>) =>
  Object.keys(values).filter((name) => typeof values[name] !== 'string')

/** Little, so that nothing of our own environment, credentials above all, reaches a program. */
const BASE_ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' }

function commandOf(command: Actions['exec']['commands'][number], i: number, environment: Environment): ExecCommand {
  return {
    name: command.name,
    place: `actions.exec.commands[${i}]`,
    matches: compileMatchers(command.match),
    argv: command.argv,
    slots: command.slots.map(slotOf),
    cwd: command.cwd,
    env: () => ({ ...BASE_ENVIRONMENT, ...valuesOf(command.env, environment) }),
    secretNames: secretsIn(command.env),
    timeoutMs: command.timeout,
  }
}

function requestOf(
  request: Actions['http']['requests'][number],
  i: number,
  environment: Environment,
): HttpRequestOptions {
  const { credentials_file: file, credentials_env: env } = request.authorization ?? {}
  const bearer = request.authorization && (() => `Bearer ${readSecret({ file, env }, environment).reveal()}`)
  return {
    name: request.name,
    does: request.does,
    place: `actions.http.requests[${i}]`,
    matches: compileMatchers(request.match),
    method: request.method,
    url: new URL(request.url),
    query: httpValues(request.query, environment),
    body: request.body && httpValues(request.body, environment),
    headers: () => ({
      ...valuesOf(request.headers, environment),
      ...(bearer === undefined ? {} : { authorization: bearer() }),
    }),
    secretHeaders: [...secretsIn(request.headers), ...(bearer === undefined ? [] : ['authorization'])],
    timeoutMs: request.timeout,
  }
}

type HttpWritten = Actions['http']['requests'][number]['query'][string]

function httpValues(
  values: Readonly<Record<string, HttpWritten>>,
  environment: Environment,
): Record<string, HttpValue> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, httpValue(value, environment)]))
}

function httpValue(value: HttpWritten, environment: Environment): HttpValue {
  if (typeof value !== 'object') return value
  return 'label' in value ? slotOf(value) : { secret: () => readSecret(value, environment).reveal() }
}
