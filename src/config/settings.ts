import type { Path } from './problem.ts'

/** Flags of the command line, by their names without the dashes. */
export interface ConfigFlags {
  readonly config?: string
  readonly 'web.listen-address'?: string
  readonly 'data-dir'?: string
  readonly 'log-level'?: string
}

/** Where else than in the file a key may be set; the flag wins over the variable, both win over the file. */
export const SETTINGS: readonly { path: Path; flag?: Exclude<keyof ConfigFlags, 'config'>; variable: string }[] = [
  { path: ['source', 'prometheus', 'url'], variable: 'PROMETHEUS_URL' },
  { path: ['web', 'listen_address'], flag: 'web.listen-address', variable: 'HOMEOSTAT_LISTEN_ADDRESS' },
  { path: ['data_dir'], flag: 'data-dir', variable: 'HOMEOSTAT_DATA_DIR' },
  { path: ['log', 'level'], flag: 'log-level', variable: 'HOMEOSTAT_LOG_LEVEL' },
]

export type Variables = Readonly<Record<string, string | undefined>>

/** The configuration file in force; undefined for the built-in defaults. An empty variable counts as unset. */
export function configFile(flags: ConfigFlags, env: Variables): string | undefined {
  return flags.config ?? (env['HOMEOSTAT_CONFIG'] || undefined)
}

/** A value from outside the file, and what to blame when it is wrong. */
export interface Setting {
  readonly path: Path
  readonly value: string
  /** `--data-dir` or `HOMEOSTAT_DATA_DIR`. */
  readonly origin: string
}

export function settingsOf(flags: ConfigFlags, env: Variables): readonly Setting[] {
  return SETTINGS.flatMap(({ path, flag, variable }): Setting[] => {
    const fromFlag = flag && flags[flag]
    if (fromFlag !== undefined) return [{ path, value: fromFlag, origin: `--${flag}` }]
    const fromVariable = env[variable]
    return fromVariable ? [{ path, value: fromVariable, origin: variable }] : []
  })
}
