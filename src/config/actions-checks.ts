import { actionTargetsAreClear } from './action-target-checks.ts'
import { commandsAreClear } from './command-checks.ts'
import { exactlyOne, finding } from './finding.ts'
import { selectorIsNarrow } from './narrow-selector.ts'
import { isNetwork } from './network.ts'
import type { Finding } from './problem.ts'
import type { ParsedConfig } from './schema.ts'
import { SECRET_NAME } from './source-schema.ts'

type Actions = ParsedConfig['actions']

/** What the section `actions` gets wrong beyond single values. */
export function* actionsAreClear({ actions }: Pick<ParsedConfig, 'actions'>): Iterable<Finding> {
  yield* actionTargetsAreClear(actions)
  yield* dockerIsClear(actions)
  yield* commandsAreClear(actions)
  yield* requestsAreClear(actions)
}

function* dockerIsClear({ docker }: Actions): Iterable<Finding> {
  const { cert_file, key_file } = docker.tls
  if ((cert_file === undefined) === (key_file === undefined)) return
  const [given, missing] = cert_file === undefined ? ['key_file', 'cert_file'] : ['cert_file', 'key_file']
  const path = 'actions.docker.tls'
  yield finding(`${path}.${given}`, `stands without ${missing}`, 'a client certificate needs both', [
    `${path}.${missing}`,
  ])
}

function* requestsAreClear({ http }: Actions): Iterable<Finding> {
  for (const [i, entry] of http.allow_addresses.entries()) {
    if (isNetwork(entry)) continue
    const path = `actions.http.allow_addresses.${i}`
    yield finding(path, 'is not an address or a network', 'for example 10.0.0.5 or 10.0.0.0/8')
  }
  const names = http.requests.map(({ name }) => name)
  for (const [i, { name, match, method, query, body = {}, authorization }] of http.requests.entries()) {
    const path = `actions.http.requests.${i}`
    if (names.indexOf(name) !== i) {
      yield finding(`${path}.name`, `${name} is the name of an earlier entry`, 'names must differ')
    }
    yield* selectorIsNarrow(match, path)
    if (method === 'GET' && Object.keys(body).length > 0) yield finding(`${path}.body`, 'goes with no GET', 'use query')
    yield* noSecretIn(query, `${path}.query`)
    yield* noSecretIn(body, `${path}.body`)
    if (authorization) {
      yield* exactlyOne(`${path}.authorization`, authorization, ['credentials_file', 'credentials_env'])
    }
  }
}

function* noSecretIn(values: Readonly<Record<string, unknown>>, path: string): Iterable<Finding> {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string' || !SECRET_NAME.test(name)) continue
    // A name with a dot in it cannot be told from a path of names.
    const where = name.includes('.') ? path : `${path}.${name}`
    yield finding(where, 'looks like a secret', 'write {file: PATH} or {env: NAME} instead of the value')
  }
}
