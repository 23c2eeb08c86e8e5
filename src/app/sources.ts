import type { Config } from '../config/resolve.ts'
import type { ConnectionOptions } from '../observe/http.ts'
import { nodeFs } from '../observe/local/fs.ts'
import { createLocalSource } from '../observe/local/index.ts'
import { createNodeExporterSource } from '../observe/node-exporter/index.ts'
import { createPrometheusSource } from '../observe/prometheus/index.ts'
import type { Source } from '../observe/source.ts'
import type { Clock } from '../platform/clock.ts'
import type { Environment } from '../platform/environment.ts'
import type { Logger } from '../platform/logger.ts'
import { readSecret } from '../platform/secrets.ts'
import { type FeaturePlan, rateWindowOf } from './features.ts'
import { createSilentSource } from './push/silent-source.ts'

export interface SourceDependencies {
  readonly clock: Clock
  readonly environment: Environment
  readonly logger: Logger
}

/**
 * The source that the configuration names.
 *
 * @throws {SecretError} when a secret is not where it should be
 */
export function createSource(config: Config, features: FeaturePlan, dependencies: SourceDependencies): Source {
  const { clock, environment, logger: log } = dependencies
  const identity = config.targets.labels
  const { presets } = features
  switch (config.source.type) {
    case 'prometheus': {
      const options = config.source.prometheus
      return createPrometheusSource(
        {
          ...connection(options, environment),
          url: options.url!,
          presets,
          custom: features.custom,
          identity,
          extraMatchers: options.matchers,
          rateWindowMs: rateWindowOf(config),
          recorded: options.recorded,
          goneAfterMs: config.targets.gone_after,
          concurrency: options.concurrency,
          timeoutMs: options.timeout,
          maxAnswerBytes: options.max_response_size,
        },
        { log },
      )
    }
    case 'node_exporter': {
      const options = config.source.node_exporter
      const access = connection(options, environment)
      return createNodeExporterSource(
        {
          targets: options.urls.map((url) => ({ ...access, url })),
          presets,
          job: options.job,
          identity,
          rateWindowMs: options.rate_window,
          timeoutMs: options.timeout,
        },
        { clock, log },
      )
    }
    case 'local': {
      const { instance, rate_window } = config.source.local
      return createLocalSource(
        { presets, hostname: instance ?? environment.hostName, identity, rateWindowMs: rate_window },
        { clock, fs: nodeFs, log },
      )
    }
    case 'push':
      return createSilentSource(features.base)
  }
}

type Access = Config['source']['prometheus' | 'node_exporter'] | Config['remediation']['maintenance']['alertmanager']

/**
 * Secrets and certificates, fetched from where the configuration says they are.
 *
 * @throws {SecretError} when a secret is not where it should be
 */
export function connection(access: Access, environment: Environment): ConnectionOptions {
  const { basic_auth, authorization, tls, headers } = access
  const pem = (path: string | undefined) => (path === undefined ? undefined : environment.readFile(path))
  return {
    credentials: credentialsOf(basic_auth, authorization, environment),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : readSecret(value, environment).reveal(),
      ]),
    ),
    tls: {
      ca: pem(tls.ca_file),
      cert: pem(tls.cert_file),
      key: pem(tls.key_file),
      serverName: tls.server_name,
      insecureSkipVerify: tls.insecure_skip_verify,
    },
  }
}

function credentialsOf(
  basic: Access['basic_auth'],
  bearer: Access['authorization'],
  environment: Environment,
): ConnectionOptions['credentials'] {
  if (basic !== undefined) {
    const password = readSecret({ file: basic.password_file, env: basic.password_env }, environment)
    return { username: basic.username, password: password.reveal() }
  }
  if (bearer === undefined) return undefined
  const reference = { file: bearer.credentials_file, env: bearer.credentials_env }
  // Once now, so that a missing token stops the start; then before each request, because tokens are rotated.
  readSecret(reference, environment)
  return { bearer: async () => readSecret(reference, environment).reveal() }
}
