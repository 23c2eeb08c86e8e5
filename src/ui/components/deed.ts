import type { ActionJson } from '../../api/contract.ts'

const VERBS: Readonly<Record<ActionJson['action'], string>> = {
  restart: 'Restart',
  scale_up: 'Scale up',
  scale_down: 'Scale down',
  throttle: 'Throttle',
  exec: 'Run a command on',
  http: 'Send a request for',
  alert: 'Tell people of',
}

/** What an action does, in its verb: `Restart checkout-2`. */
export function deedOf({ action, target }: Pick<ActionJson, 'action' | 'target'>): string {
  return `${VERBS[action] ?? action} ${instanceOf(target)}`
}

/** `web-1:9100@node` → `web-1:9100`; the id itself where it has another form. */
export function instanceOf(target: string): string {
  const at = target.lastIndexOf('@')
  return at > 0 ? target.slice(0, at) : target
}
