import type { ConfigWarningJson } from '../api/contract.ts'
import type { Config } from '../config/resolve.ts'
import { asksWho } from '../config/web-checks.ts'

/** What is in force and should perhaps be otherwise: what to set up next, the most important first. */
export function configWarnings(config: Config): ConfigWarningJson[] {
  const { source, notifications, web } = config
  const warnings: ConfigWarningJson[] = []
  const warn = (code: ConfigWarningJson['code'], path: string, message: string) => {
    warnings.push({ code, path, message })
  }
  if (source.type === 'local')
    warn('only_this_machine', 'source', 'only this machine is watched: name a Prometheus to watch others')
  if (notifications.receivers.length === 0)
    warn('nobody_is_told', 'notifications.receivers', 'nobody is told of incidents: add a receiver')
  if (!canAct(config))
    warn(
      'nothing_can_be_done',
      'actions',
      'nothing but telling people can be done: say what container, unit or workload a target is',
    )
  if (!asksWho(config) && web.allow_unauthenticated)
    warn('nobody_is_asked', 'web.auth', 'whoever reaches this address may act: give web.auth tokens or users')
  return warnings
}

function canAct({ actions }: Config): boolean {
  return actions.targets.length + actions.exec.commands.length + actions.http.requests.length > 0
}
