import { stringify } from 'yaml'
import type { BaseFeature } from '../domain/feature.ts'
import { DEFAULT_IDENTITY } from '../domain/target.ts'
import { catalogueOf } from '../observe/catalogue/preset.ts'
import { presets } from '../observe/catalogue/presets.ts'
import { type CompileOptions, compile, compileHeartbeat } from '../observe/promql.ts'
import { RECORDED_HEARTBEAT, RECORDED_WINDOW_MS, recordedSeries } from '../observe/recorded.ts'

/** Presets that have recording rules, by the name of their file in prometheus/recording. */
export type RecordedPreset = keyof typeof presets

/** Prometheus evaluates the rules of a group one after the other, and groups side by side. */
const RULES_PER_GROUP = 16

const OPTIONS: CompileOptions = { identity: DEFAULT_IDENTITY, rateWindowMs: RECORDED_WINDOW_MS }

/** A rules file for Prometheus that computes the features of a preset, as the source would ask for them. */
export function recordingRules(preset: RecordedPreset): string {
  const { features, heartbeats } = catalogueOf([presets[preset]])
  const heartbeat = { record: RECORDED_HEARTBEAT, expr: compileHeartbeat(heartbeats, OPTIONS) }
  const rules = [heartbeat, ...features.map(ruleOf)]
  const groups = Array.from({ length: Math.ceil(rules.length / RULES_PER_GROUP) }, (_, i) => ({
    name: `homeostat-${preset}-${i + 1}`,
    rules: rules.slice(i * RULES_PER_GROUP, (i + 1) * RULES_PER_GROUP),
  }))
  return `${HEAD(preset)}${stringify({ groups }, { lineWidth: 0 })}`
}

function ruleOf({ name, expr }: BaseFeature): { readonly record: string; readonly expr: string } {
  return { record: recordedSeries(name), expr: compile(expr, OPTIONS) }
}

const HEAD = (preset: RecordedPreset) => `\
# The features of preset ${preset}, computed once by Prometheus instead of by every query of Homeostat: for large fleets,
# and for several replicas. In Homeostat: \`source.prometheus.recorded: true\`. Use one file of this folder only.
# Generated from the catalogue of features by \`node scripts/write-recording-rules.ts\`; do not edit.
`
