import { EffectError } from '../../pipeline/effects.ts'
import type { RunCommand } from './command.ts'

export interface UnitState {
  /** The name that the unit goes by, where it was asked for by an alias. */
  readonly id: string
  readonly loaded: boolean
  /** `active`, `failed`, `activating`, … */
  readonly activeState: string
  /** Names one run of the unit; a new one with every start. */
  readonly invocation: string
  /** Restarts by its own `Restart=`; begins again at 0 when a person starts it. */
  readonly restarts: number
  readonly refusesManualStart: boolean
}

/** `systemctl`, argv only. All methods throw EffectErrors. */
export interface Systemd {
  /** The command line of a restart. */
  restartArgv(unit: string): readonly string[]
  show(unit: string, signal: AbortSignal): Promise<UnitState>
  restart(unit: string, signal: AbortSignal): Promise<void>
}

const PROPERTIES = 'Id,LoadState,ActiveState,InvocationID,NRestarts,RefuseManualStart'

/** @param systemctl absolute path of the program */
export function createSystemd(systemctl: string, runCommand: RunCommand): Systemd {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '' }
  const run = (argv: readonly string[], signal: AbortSignal) => runCommand({ argv, cwd: '/', env }, signal)
  const restartArgv = (unit: string) => [systemctl, 'restart', '--', unit]

  return {
    restartArgv,
    async show(unit, signal) {
      const result = await run([systemctl, 'show', `--property=${PROPERTIES}`, '--', unit], signal)
      if (result.exitCode !== 0) throw refused(`look at ${unit}`, result.stderr, 'no')
      return stateOf(result.stdout)
    },
    async restart(unit, signal) {
      const result = await run(restartArgv(unit), signal)
      if (result.exitCode !== 0) throw refused(`restart ${unit}`, result.stderr, 'unknown')
    },
  }
}

function stateOf(text: string): UnitState {
  const properties = new Map(
    text.split('\n').map((line): [string, string] => {
      const at = line.indexOf('=')
      return [line.slice(0, at), line.slice(at + 1)]
    }),
  )
  const of = (name: string) => properties.get(name) ?? ''
  return {
    id: of('Id'),
    loaded: of('LoadState') === 'loaded',
    activeState: of('ActiveState'),
    invocation: of('InvocationID'),
    restarts: Number(of('NRestarts')) || 0,
    refusesManualStart: of('RefuseManualStart') === 'yes',
  }
}

/** A unit that stops and then fails to start is a failure too: only what systemd names as refused did not happen. */
function refused(what: string, stderr: string, otherwise: 'no' | 'unknown'): EffectError {
  const said = stderr.trim().split('\n')[0].slice(0, 300)
  const message = `systemctl cannot ${what}: ${said || 'it does not say why'}`
  if (/access denied|authentication required|permission denied|not permitted/i.test(stderr)) {
    return new EffectError('unauthorized', 'no', `${message}; run as root, or grant it by a polkit rule`)
  }
  if (/not found|not loaded|could not be found/i.test(stderr)) return new EffectError('not_found', 'no', message)
  if (/not been booted with systemd|failed to connect to bus/i.test(stderr)) {
    return new EffectError('unavailable', 'no', message)
  }
  return new EffectError('rejected', otherwise, message)
}
