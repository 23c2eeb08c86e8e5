import type { Action } from '../act/action.ts'
import { alert } from '../act/alert/index.ts'
import { exec } from '../act/exec/index.ts'
import { http } from '../act/http/index.ts'
import { restart } from '../act/restart/index.ts'
import { scaleDown } from '../act/scale-down/index.ts'
import { scaleUp } from '../act/scale-up/index.ts'
import { throttle } from '../act/throttle/index.ts'
import type { ReceiverSchemas } from '../config/notifications-schema.ts'
import { alertmanager } from '../notify/alertmanager/index.ts'
import { email } from '../notify/email/index.ts'
import type { NotifierDefinition } from '../notify/notifier.ts'
import { pagerduty } from '../notify/pagerduty/index.ts'
import { slack } from '../notify/slack/index.ts'
import { teams } from '../notify/teams/index.ts'
import { telegram } from '../notify/telegram/index.ts'
import { webhook } from '../notify/webhook/index.ts'

/** All that Homeostat can do, one folder each under `act/`. */
export const actions: readonly Action[] = [restart, scaleUp, scaleDown, throttle, exec, http, alert]

/** All the ways to tell people, one folder each under `notify/`. */
export const notifiers: readonly NotifierDefinition[] = [
  telegram,
  slack,
  email,
  webhook,
  alertmanager,
  pagerduty,
  teams,
]

/** What each kind of receiver lets one configure. */
export const receiverSchemas: ReceiverSchemas = Object.fromEntries(
  notifiers.map(({ kind, configSchema }) => [kind, configSchema]),
)
