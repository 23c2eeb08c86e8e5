import { redSchema } from '../config/red-schema.ts'
import type { BaseFeature } from '../domain/feature.ts'
import { DEFAULT_IDENTITY } from '../domain/target.ts'
import { classicEngineered } from '../featurize/classic.ts'
import { database } from '../observe/catalogue/database.ts'
import type { Preset } from '../observe/catalogue/preset.ts'
import { presets } from '../observe/catalogue/presets.ts'
import { compile } from '../observe/promql.ts'
import { redOf } from './features.ts'

const MINUTE = 60_000

/** docs/features.md: every feature of every preset, with its PromQL at a rate window of one minute. */
export function featureReference(): string {
  const engineered = classicEngineered(15_000, MINUTE).map(({ name, kind }) => `| \`${name}\` | ${kind} |`)
  return [
    '# Features',
    '',
    'What the presets compute for each target. The PromQL is what source `prometheus` asks, here with a rate window of one',
    'minute; the other sources evaluate the same expressions over what they read themselves.',
    '',
    '## `node-exporter`, the default',
    '',
    ...table(presets['node-exporter'].features),
    '',
    '## `classic`',
    '',
    ...table(presets.classic.features),
    '',
    'and from these, in this order:',
    '',
    '| feature | kind |',
    '|---|---|',
    ...engineered,
    '',
    '## `red`, for services',
    '',
    'With the first of the names in `features.red`, as it is unless it is changed; of several the first counts that a target',
    'has.',
    'Targets are told apart by `targets.labels`, which all of these series must bear: `[service]`, say, or `[namespace,',
    'container]`. For sources `prometheus` and `node_exporter`. See [services.md](services.md).',
    '',
    ...table(plainRed().features),
    '',
    '## `features.database: true`',
    '',
    ...table(database.features),
    '',
    '## Your own',
    '',
    'In `features.extra`, by PromQL (one series per target; source `prometheus` only) or by a CEL expression over features',
    'that stand before:',
    '',
    '```yaml',
    'features:',
    '  extra:',
    '    - { name: queue_length, promql: "sum by (instance, job) (app_queue_length)", unit: count }',
    "    - { name: disk_per_cpu, expression: 'disk_read_throughput / (cpu_busy + 1.0)', unit: bytes_per_second }",
    '```',
    '',
  ].join('\n')
}

/** Preset `red` as it is without a configuration, with the first of each list of names. */
function plainRed(): Preset {
  const all = redSchema.parse({})
  const [{ errors, ...requests }] = all.requests
  const [cpu, memory] = [all.cpu.slice(0, 1), all.memory.slice(0, 1)]
  const memory_limit = all.memory_limit.slice(0, 1)
  return redOf({
    ...all,
    requests: [{ ...requests, errors: errors.slice(0, 1) }],
    cpu,
    cpu_limit: [],
    memory,
    memory_limit,
  })
}

function table(features: readonly BaseFeature[]): string[] {
  const rows = features.map(({ name, unit, help, expr }) => {
    const promql = compile(expr, { identity: DEFAULT_IDENTITY, rateWindowMs: MINUTE })
    return `| \`${name}\` | ${unit} | ${help} | \`${promql.replaceAll('|', '\\|')}\` |`
  })
  return ['| feature | unit | what | PromQL |', '|---|---|---|---|', ...rows]
}
