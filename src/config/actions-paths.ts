import { resolve } from 'node:path'
import type { ParsedConfig } from './schema.ts'

type Values = Readonly<Record<string, unknown>>

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
        const isFile = typeof value === 'object' && value !== null && 'file' in value
        return [name, isFile ? { file: found(value.file as string) } : value]
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
        requests: http.requests.map(({ authorization, headers, query, body, ...rest }) => ({
          ...rest,
          headers: inValues(headers),
          query: inValues(query),
          body: body && inValues(body),
          authorization: authorization && {
            ...authorization,
            credentials_file: found(authorization.credentials_file),
          },
        })),
      },
    },
  }
}
