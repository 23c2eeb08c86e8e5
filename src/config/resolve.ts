import { dirname, resolve } from 'node:path'
import { withActionPaths } from './actions-paths.ts'
import { type SourceType, sourceType } from './cross-checks.ts'
import { withNotificationPaths } from './notifications-paths.ts'
import type { ParsedConfig } from './schema.ts'
import { withWebPaths } from './web-paths.ts'

/**
 * The configuration in force. Keys as in the file; durations in ms, sizes in bytes, shares as 0–1. Files that it
 * names are found from the directory of the configuration file, as in Prometheus; `data_dir` from the working
 * directory.
 */
export type Config = ParsedConfig & {
  readonly source: { readonly type: SourceType }
  readonly detect: { readonly autoencoder: { readonly context: 'recent' | 'none' } }
}

/** Hidden layers of the first seed's autoencoder, which the preset `classic` keeps. */
export const CLASSIC_HIDDEN: readonly number[] = [14, 8, 4, 8, 14]

/** Draws the conclusions from one key for another, so that nobody else has to know the rules. */
export function resolveConfig(parsed: ParsedConfig, file: string | undefined): Config {
  const { source, detect, features, remediation, store } = parsed
  const { hidden, context } = detect.autoencoder
  const { maintenance } = remediation
  const classic = features.preset === 'classic'
  const directory = file === undefined ? undefined : dirname(file)
  const found = (path: string) => (directory === undefined ? path : resolve(directory, path))
  return {
    ...parsed,
    remediation: {
      ...remediation,
      rules: remediation.rules.map(found),
      diagnosis: remediation.diagnosis === null ? null : found(remediation.diagnosis),
      maintenance: { ...maintenance, alertmanager: withPaths(maintenance.alertmanager, directory) },
    },
    ...withWebPaths(parsed, directory),
    ...withActionPaths(parsed, directory),
    ...withNotificationPaths(parsed, directory),
    store: { ...store, password_file: store.password_file && found(store.password_file) },
    source: {
      ...source,
      type: sourceType(parsed),
      prometheus: withPaths(source.prometheus, directory),
      node_exporter: withPaths(source.node_exporter, directory),
    },
    detect: {
      ...detect,
      autoencoder: {
        ...detect.autoencoder,
        hidden: hidden === 'auto' && classic ? [...CLASSIC_HIDDEN] : hidden,
        context: context === 'auto' ? (classic ? 'none' : 'recent') : context,
      },
    },
  }
}

type Access =
  | ParsedConfig['source']['prometheus' | 'node_exporter']
  | ParsedConfig['remediation']['maintenance']['alertmanager']

function withPaths<A extends Access>(access: A, directory: string | undefined): A {
  if (directory === undefined) return access
  const found = <F extends string | undefined>(path: F) => (path === undefined ? path : resolve(directory, path))
  const { basic_auth, authorization, tls, headers } = access
  return {
    ...access,
    basic_auth: basic_auth && { ...basic_auth, password_file: found(basic_auth.password_file) },
    authorization: authorization && { ...authorization, credentials_file: found(authorization.credentials_file) },
    tls: { ...tls, ca_file: found(tls.ca_file), cert_file: found(tls.cert_file), key_file: found(tls.key_file) },
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => {
        return [name, typeof value === 'object' && 'file' in value ? { file: found(value.file) } : value]
      }),
    ),
  }
}
