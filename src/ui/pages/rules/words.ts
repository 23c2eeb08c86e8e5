import type { RuleJson, VerdictJson } from '../../../api/contract.ts'
import { formatCount, words } from '../../format.ts'

const VERDICTS: readonly (readonly [VerdictJson, string])[] = [
  ['execute', 'done'],
  ['ask', 'asked'],
  ['observe', 'only recorded'],
  ['refuse', 'refused'],
  ['none', 'nothing'],
]

/** `3 done, 1 refused`; nothing where it has never matched. */
export function verdictsText(verdicts: RuleJson['verdicts']): string {
  return VERDICTS.filter(([verdict]) => verdicts[verdict] > 0)
    .map(([verdict, text]) => `${formatCount(verdicts[verdict])} ${text}`)
    .join(', ')
}

/** `restart, then scale up (replicas 2)`. */
export function stepsText({ steps, action, parameters }: Pick<RuleJson, 'steps' | 'action' | 'parameters'>): string {
  const all = steps.length > 0 ? steps : [{ action, parameters }]
  return all.map((step) => words(step.action) + parametersText(step.parameters)).join(', then ')
}

function parametersText(parameters: RuleJson['parameters']): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${name} ${value}`)
  return pairs.length === 0 ? '' : ` (${pairs.join(', ')})`
}
