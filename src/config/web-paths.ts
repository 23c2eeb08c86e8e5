import { resolve } from 'node:path'
import type { ParsedConfig } from './schema.ts'

/** The sections `web` and `webhooks` with their files found from a directory. */
export function withWebPaths(
  { web, webhooks }: Pick<ParsedConfig, 'web' | 'webhooks'>,
  directory: string | undefined,
): Pick<ParsedConfig, 'web' | 'webhooks'> {
  if (directory === undefined) return { web, webhooks }
  const { auth, tls } = web
  const { alertmanager, grafana } = webhooks
  return {
    web: {
      ...web,
      auth: {
        tokens: auth.tokens.map((token) => found(token, directory)),
        users: auth.users.map((user) => found(user, directory)),
        jwt: auth.jwt && found(auth.jwt, directory),
      },
      tls: found(tls, directory),
    },
    webhooks: {
      ...webhooks,
      alertmanager: foundBelow(alertmanager, directory),
      grafana: { ...foundBelow(grafana, directory), hmac: grafana.hmac && found(grafana.hmac, directory) },
    },
  }
}

function foundBelow<S extends ParsedConfig['webhooks']['alertmanager']>(sender: S, directory: string): S {
  const { authorization, basic_auth } = sender
  return {
    ...sender,
    authorization: authorization && found(authorization, directory),
    basic_auth: basic_auth && found(basic_auth, directory),
  }
}

/** Every key that ends in `_file` names a path. */
function found<T extends object>(keys: T, directory: string): T {
  const entries = Object.entries(keys).map(([key, value]): [string, unknown] =>
    key.endsWith('_file') && typeof value === 'string' ? [key, resolve(directory, value)] : [key, value],
  )
  return Object.fromEntries(entries) as T
}
