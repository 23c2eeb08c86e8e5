import { didYouMean } from '../config/did-you-mean.ts'
import { explainIssues } from '../config/explain.ts'
import type { Config } from '../config/resolve.ts'
import type { RuleOptions } from '../decide/rules/compile.ts'
import type { Parameters } from '../domain/decision.ts'
import { actions } from './registry.ts'

type Check = RuleOptions['checkParameters']

/** What an action's own schema finds wrong with the parameters that a rule gives it. */
export const checkParameters: Check = (name, parameters) => {
  const schema = actions.find((action) => action.name === name)?.parameters
  const result = schema?.safeParse(parameters)
  if (result === undefined || result.success) return []
  return explainIssues(result.error.issues, parameters, schema).map(({ path, message, hint }) => ({
    name: path.length === 0 ? undefined : String(path[0]),
    message,
    hint,
  }))
}

/** The same, and whether the command or request that a rule names is configured. */
export function parameterCheck({ actions: { exec, http } }: Config): Check {
  const commands = exec.commands.map(({ name }) => name)
  const requests = http.requests.map(({ name }) => name)
  return (action, parameters) => {
    const wrong = checkParameters(action, parameters)
    if (wrong.length > 0) return wrong
    if (action === 'exec') return configured(parameters, 'command', commands, 'actions.exec.commands')
    return action === 'http' ? configured(parameters, 'request', requests, 'actions.http.requests') : []
  }
}

function configured(parameters: Parameters, key: string, known: readonly string[], place: string): ReturnType<Check> {
  const name = String(parameters[key])
  if (known.includes(name)) return []
  const meant = didYouMean(name, known)
  const hint = meant === undefined ? 'configure it there' : `did you mean ${meant}?`
  return [{ name: key, message: `${place} has no ${key} ${JSON.stringify(name)}`, hint }]
}
