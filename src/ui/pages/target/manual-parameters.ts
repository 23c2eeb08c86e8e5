import type { ActionNameJson } from '../../../api/contract.ts'

export interface ParameterField {
  readonly name: string
  readonly words: string
  readonly isNumber: boolean
  readonly placeholder?: string
}

const FIELDS: Readonly<Partial<Record<ActionNameJson, readonly ParameterField[]>>> = {
  throttle: [
    { name: 'requests_per_second', words: 'requests a second (of an ingress)', isNumber: true, placeholder: '50' },
    { name: 'cpus', words: 'processors (of a container)', isNumber: true, placeholder: '0.5' },
  ],
  exec: [{ name: 'command', words: 'command, by its name in the configuration', isNumber: false }],
  http: [{ name: 'request', words: 'request, by its name in the configuration', isNumber: false }],
}

/** What may be said of how an action is to be done; nothing must be. */
export function parameterFields(action: ActionNameJson): readonly ParameterField[] {
  return FIELDS[action] ?? []
}

/** As the API takes them: numbers as numbers, and only what was filled in for this action. */
export function parametersOf(
  action: ActionNameJson,
  values: Readonly<Record<string, string>>,
): Record<string, string | number> {
  const parameters: Record<string, string | number> = {}
  for (const { name, isNumber } of parameterFields(action)) {
    const text = (values[name] ?? '').trim()
    if (text === '') continue
    // What is no number is refused by the API, in words.
    parameters[name] = isNumber && Number.isFinite(Number(text)) ? Number(text) : text
  }
  return parameters
}
