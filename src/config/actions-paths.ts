import { resolve } from 'node:path'
import type { ParsedConfig } from './schema.ts'

type Values = Readonly<Record<string, string | { readonly file: string } | { readonly env: string }>>

/** The section `actions` with the files that it names found from the directory of the configuration file. */
export function withActionPaths(
  { actions }: Pick<ParsedConfig, 'actions'>,
  directory: string | undefined,
): Pick<ParsedConfig, 'actions'> {
  if (directory === undefined) return { actions }
  const found = <F extends string | undefined>(path: F) => (path === undefined ? path : resolve(directory, path))
  const inValues = <V extends Values>(values: V): V =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        return [name, typeof value === 'object' && 'file' in value ? { file: found(value.file) } : value]
      }),
    ) as V
  const { docker, kubernetes, exec, http } = actions
  const { ca_file, cert_file, key_file } = docker.tls
  return {
    actions: {
      ...actions,
      docker: {
        ...docker,
        tls: { ca_file: found(ca_file), cert_file: found(cert_file), key_file: found(key_file) },
      },
      kubernetes: { ...kubernetes, kubeconfig: found(kubernetes.kubeconfig) },
      exec: { commands: exec.commands.map((command) => ({ ...command, env: inValues(command.env) })) },
      http: {
        ...http,
        requests: http.requests.map(({ authorization, headers, ...rest }) => ({
          ...rest,
          headers: inValues(headers),
          authorization: authorization && {
            ...authorization,
            credentials_file: found(authorization.credentials_file),
          },
        })),
      },
    },
  }
}
