/** The one scale of the dashboard: `level` in units of the alarm threshold. */
export type LevelBand = 'unknown' | 'neutral' | 'faint' | 'amber' | 'red'

/** How a band is shown where colour alone must not carry it. */
export interface LevelLook {
  readonly band: LevelBand
  /** For people: `normal`, `raised`, … */
  readonly word: string
  /** One character, different in shape from those of the other bands. */
  readonly sign: string
}

const FAINT_FROM = 0.5
/** The threshold: above it is an alarm. */
export const THRESHOLD = 1
const RED_ABOVE = 2

const LOOKS: Readonly<Record<LevelBand, LevelLook>> = {
  unknown: { band: 'unknown', word: 'not known', sign: '–' },
  neutral: { band: 'neutral', word: 'normal', sign: '·' },
  faint: { band: 'faint', word: 'raised', sign: '○' },
  amber: { band: 'amber', word: 'alarm', sign: '▲' },
  red: { band: 'red', word: 'severe', sign: '◆' },
}

/** @param level ≥ 0, unbounded; null or NaN where nothing is known */
export function bandOf(level: number | null | undefined): LevelBand {
  if (level === null || level === undefined || Number.isNaN(level)) return 'unknown'
  if (level > RED_ABOVE) return 'red'
  if (level > THRESHOLD) return 'amber'
  return level >= FAINT_FROM ? 'faint' : 'neutral'
}

export function levelLook(level: number | null | undefined): LevelLook {
  return LOOKS[bandOf(level)]
}

/** Severity is 1 − 2^(−level); @returns the level that it stands for, null where it is not known */
export function levelOfSeverity(severity: number | null): number | null {
  return severity === null ? null : -Math.log2(1 - severity)
}
