import { writeFileSync } from 'node:fs'
import { type RecordedPreset, recordingRules } from '../src/app/recording-rules.ts'
import { presets } from '../src/observe/catalogue/presets.ts'

/** Writes prometheus/recording from the catalogue of features; a test says when it is out of date. */
for (const preset of Object.keys(presets) as RecordedPreset[]) {
  writeFileSync(new URL(`../prometheus/recording/${preset}.yml`, import.meta.url), recordingRules(preset))
}
