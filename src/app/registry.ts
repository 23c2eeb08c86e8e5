import type { Action } from '../act/action.ts'
import { alert } from '../act/alert/index.ts'
import { exec } from '../act/exec/index.ts'
import { http } from '../act/http/index.ts'
import { restart } from '../act/restart/index.ts'
import { scaleDown } from '../act/scale-down/index.ts'
import { scaleUp } from '../act/scale-up/index.ts'
import { throttle } from '../act/throttle/index.ts'

/** All that Homeostat can do, one folder each under `act/`. */
export const actions: readonly Action[] = [restart, scaleUp, scaleDown, throttle, exec, http, alert]
