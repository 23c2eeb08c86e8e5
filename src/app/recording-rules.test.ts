import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { presets } from '../observe/catalogue/presets.ts'
import { type RecordedPreset, recordingRules } from './recording-rules.ts'

const FOLDER = new URL('../../prometheus/recording/', import.meta.url)
const NAMES = Object.keys(presets) as RecordedPreset[]

it.each(NAMES)(
  'the recording rules of %s are up to date; write them with node scripts/write-recording-rules.ts',
  (name) => {
    expect(readFileSync(new URL(`${name}.yml`, FOLDER), 'utf8')).toBe(recordingRules(name))
  },
)

it('there is a file for each preset of hosts, and no other', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(NAMES.map((name) => `${name}.yml`).sort())
})

it('a rule for each feature, and one for the time of the newest sample', () => {
  const { groups } = parse(recordingRules('classic')) as { groups: { rules: { record: string; expr: string }[] }[] }

  const rules = groups.flatMap((group) => group.rules)

  expect(rules.map(({ record }) => record)).toEqual([
    'homeostat:heartbeat',
    ...presets.classic.features.map((feature) => `homeostat:${feature.name}`),
  ])
  expect(rules[0].expr).toBe('max by (instance, job) (timestamp(node_time_seconds))')
})
