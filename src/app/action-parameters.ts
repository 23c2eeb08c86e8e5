import type { z } from 'zod'
import { alert } from '../act/alert/index.ts'
import { exec } from '../act/exec/index.ts'
import { http } from '../act/http/index.ts'
import { restart } from '../act/restart/index.ts'
import { scaleDown } from '../act/scale-down/index.ts'
import { scaleUp } from '../act/scale-up/index.ts'
import { throttle } from '../act/throttle/index.ts'
import { explainIssues } from '../config/explain.ts'
import type { RuleOptions } from '../decide/rules/compile.ts'

const SCHEMAS = new Map<string, z.ZodType>(
  [restart, scaleUp, scaleDown, throttle, exec, http, alert].map(({ name, parameters }) => [name, parameters]),
)

/** What an action's own schema finds wrong with the parameters that a rule gives it. */
export const checkParameters: RuleOptions['checkParameters'] = (action, parameters) => {
  const schema = SCHEMAS.get(action)
  const result = schema?.safeParse(parameters)
  if (result === undefined || result.success) return []
  return explainIssues(result.error.issues, parameters, schema).map(({ path, message, hint }) => ({
    name: path.length === 0 ? undefined : String(path[0]),
    message,
    hint,
  }))
}
