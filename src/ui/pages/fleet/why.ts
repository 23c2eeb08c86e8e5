import type { IncidentJson } from '../../../api/contract.ts'
import { plural, words } from '../../format.ts'

/** Why there is an incident, as a sentence: its cause, the strongest evidence, and alerts of others. */
export function whyOf({ cause, evidence, alerts_firing }: IncidentJson): string {
  const name = cause === null || cause === 'unknown' ? null : words(cause).replace(/^cpu\b/, 'CPU')
  const alerts = alerts_firing > 0 ? `${plural(alerts_firing, 'alert')} firing` : null
  const told = [name === null ? evidence : [name, evidence].filter((part) => part !== null).join(': '), alerts]
  const sentence = told.filter((part) => part !== null).join('; ')
  return sentence === '' ? 'Cause not known yet' : capital(sentence)
}

/** Names of features, such as `cpu_percent`, stay as they are. */
function capital(sentence: string): string {
  return /^\w*_/.test(sentence) ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
