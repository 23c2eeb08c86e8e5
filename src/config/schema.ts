import { z } from 'zod'
import { actionsSchema } from './actions-schema.ts'
import {
  count,
  duration,
  featureName,
  flag,
  labelName,
  number,
  oneOf,
  orAuto,
  percent,
  readings,
  section,
  text,
} from './fields.ts'
import { notificationsSchema, type ReceiverSchemas } from './notifications-schema.ts'
import { pushSchema } from './push-schema.ts'
import { redSchema } from './red-schema.ts'
import { remediationSchema } from './remediation-schema.ts'
import { sourceSchema } from './source-schema.ts'
import { storeSchema } from './store-schema.ts'
import { topologySchema } from './topology-schema.ts'
import { webSchema } from './web-schema.ts'
import { webhooksSchema } from './webhooks-schema.ts'

const targets = section({
  labels: z
    .array(labelName())
    .min(1)
    .max(8)
    .meta({ notation: 'a list of label names' })
    .default(['instance', 'job'])
    .describe('Labels that tell targets apart; their values joined by @ are the target’s id.'),
  stale_after: duration('1s', '1d')
    .prefault('90s')
    .describe('Without a new sample for so long a target is stale and has no score.'),
  gone_after: duration('1s', '30d').prefault('1h').describe('Without a new sample for so long a target is forgotten.'),
})

const features = section({
  preset: oneOf(['node-exporter', 'classic', 'red', 'generic'])
    .prefault('node-exporter')
    .describe(
      'node-exporter: 40 and more features of a Linux host. classic: 21 features of a host. red: rate, errors and duration of services, with what their containers use. generic: the columns as they are, for CSV.',
    ),
  include: z
    .array(featureName())
    .meta({ notation: 'a list of feature names' })
    .default([])
    .describe('Only these features of the preset; empty: all.'),
  exclude: z
    .array(featureName())
    .meta({ notation: 'a list of feature names' })
    .default([])
    .describe('Features of the preset to leave out.'),
  database: flag()
    .default(false)
    .describe('Add `database_connections`, from the metric pg_stat_database_numbackends of postgres_exporter.'),
  red: redSchema
    .prefault({})
    .describe('The metrics behind preset red; of several names the first counts that a target has.'),
  extra: z
    .array(
      z.strictObject({
        name: featureName().describe('Name of the feature.'),
        promql: text('a PromQL expression', 'max by (instance, job) (node_timex_offset_seconds)')
          .optional()
          .describe(
            'Query with one series per target, carrying the labels of `targets.labels`. Only with source prometheus.',
          ),
        expression: text('an expression', 'disk_read / (cpu_usage + 1.0)')
          .optional()
          .describe('CEL expression over other features; numbers are doubles, so write 1.0, not 1.'),
        unit: oneOf(['percent', 'ratio', 'bytes', 'bytes_per_second', 'per_second', 'seconds', 'count', 'flag'])
          .prefault('count')
          .describe('What the number counts.'),
      }),
    )
    .meta({ notation: 'a list' })
    .default([])
    .describe('Features of your own: a `name`, exactly one of `promql` and `expression`, and a `unit`.'),
})

const detect = section({
  zscore: section({
    window: readings(5, 1000)
      .prefault('30 readings')
      .describe('How many of the last readings a new one is compared with.'),
    sigmas: number(0.1, 100).default(2.5).describe('Standard deviations beyond which a reading stands out.'),
    min_readings: count(3, 1000).default(5).describe('Readings before the first score.'),
  })
    .prefault({})
    .describe('Distance of a reading from the readings before it.'),
  isolation_forest: section({
    trees: count(1, 1000).default(100).describe('Number of trees.'),
    sample_size: count(2, 100_000).default(256).describe('Rows each tree is built on.'),
    contamination: number(0.0001, 0.5).default(0.08).describe('Share of the training rows taken for anomalous.'),
    min_readings: count(4, 100_000).default(20).describe('Readings before the first forest.'),
    refit_interval: duration('1m', '20d').prefault('1h').describe('How often the forest is built anew.'),
  })
    .prefault({})
    .describe('How few random cuts isolate a reading.'),
  autoencoder: section({
    hidden: z
      .union([z.literal('auto'), z.array(count(1, 1024)).min(1).max(9)], {
        error: 'must be auto or a list of layer sizes such as [14, 8, 4, 8, 14]',
      })
      .meta({ notation: 'auto or a list of layer sizes' })
      .default('auto')
      .describe(
        'Sizes of the hidden layers. auto: 14, 8, 4, 8, 14 for the preset classic, else by the number of features.',
      ),
    epochs: orAuto(count(1, 100_000))
      .default('auto')
      .describe(
        'Passes over the training rows at most. auto: 100; with `context: recent` 4000 batches whatever the rows, at a rate that falls to 0.',
      ),
    batch_size: orAuto(count(1, 100_000))
      .default('auto')
      .describe('Rows per step. auto: 32, with `context: recent` 128.'),
    learning_rate: orAuto(number(1e-7, 1))
      .default('auto')
      .describe('Step size of Adam. auto: 0.001, with `context: recent` 0.002.'),
    patience: count(1, 100_000)
      .default(10)
      .describe('Epochs without a better validation loss before training stops, where `epochs` counts.'),
    context: oneOf(['auto', 'recent', 'none'])
      .prefault('auto')
      .describe('recent: the model also sees the recent past. auto: none for the preset classic, else recent.'),
  })
    .prefault({})
    .describe('A network that learns to reproduce normal readings; its error is `anomaly_score`.'),
  hysteresis: section({
    enter: number(0.01, 1000).default(1).describe('Level from which on a target is anomalous; 1 is the threshold.'),
    exit: number(0.01, 1000).default(0.8).describe('Level below which it is normal again; not above `enter`.'),
    hold: duration('0s', '1d')
      .prefault('0s')
      .describe('How long the level must stay below `exit` before the anomaly ends.'),
  })
    .prefault({})
    .describe('Keeps an anomaly from flickering.'),
  exhaustion: section({
    resources: z
      .union([z.literal('auto'), z.array(featureName()).max(16)], {
        error: 'must be auto or a list of feature names such as [filesystem_used_ratio]',
      })
      .meta({ notation: 'auto or a list of feature names' })
      .default('auto')
      .describe(
        'Features of unit ratio, used shares from 0 to 1, whose exhaustion is forecast. auto: filesystem, inodes, memory and file descriptors where the preset has them. An empty list turns forecasts off.',
      ),
    horizon: duration('1m', '12d')
      .prefault('4h')
      .describe('A resource forecast to be used up sooner raises the level above 1.'),
    shortest_window: duration('1m', '1h')
      .prefault('6m')
      .describe(
        'Shortest stretch of time in which a rise is sought. A shorter one notices a fast fill sooner and is more easily taken in.',
      ),
  })
    .prefault({})
    .describe('When a resource that fills will be used up.'),
})

const threshold = section({
  mode: oneOf(['budget', 'normality', 'sigma', 'percentile', 'fixed', 'any'])
    .prefault('budget')
    .describe(
      'budget: the lowest threshold that keeps within `alarms_per_day` and `max_alarm_time`, on all detectors combined. normality: tests for normality choose sigma or percentile. sigma, percentile, fixed: on the autoencoder’s score alone. any: z-score or forest flags.',
    ),
  alarms_per_day: number(0.001, 1000)
    .default(1)
    .describe('budget: false alarms that you put up with, per target and day.'),
  max_alarm_time: percent(0.01, 50).prefault('2%').describe('budget: share of the time that may be spent in alarm.'),
  recompute: duration('1m', '20d')
    .prefault('6h')
    .describe('budget: how often the threshold is set anew; a level that lasts longer is taken for the new normal.'),
  memory: duration('1h', '365d').prefault('14d').describe('budget: how far back the scores count.'),
  sigmas: number(0.1, 100)
    .default(3)
    .describe('sigma, normality: threshold = mean + so many standard deviations of the validation errors.'),
  percentile: number(50, 99.999)
    .default(99)
    .describe('percentile, normality: threshold = this percentile of the validation errors.'),
  value: number(0, 1e9).nullable().default(null).describe('fixed: the threshold itself, for example 0.1998.'),
})

const train = section({
  min_history: duration('1m', '30d').prefault('30m').describe('Data needed before the autoencoder is trained first.'),
  history: duration('1m', '365d')
    .prefault('7d')
    .describe('How far back training data reaches, where the source remembers it.'),
  max_rows: count(100, 1_000_000)
    .default(10_000)
    .describe('Training rows per model; a longer history is read in coarser steps.'),
  interval: duration('1m', '20d').prefault('24h').describe('How often models are trained anew.'),
  cpu_share: percent(1, 100)
    .prefault('50%')
    .describe('Retraining keeps one core busy for no more than this share of the time; first models do not wait.'),
  margin: percent(0, 50)
    .prefault('2%')
    .describe('A new model takes over only when it is better by so much on data that neither was trained on.'),
  scope: oneOf(['auto', 'host', 'group'])
    .prefault('auto')
    .describe('host: a model per target. group: one per job. auto: by the number of targets.'),
  validation: percent(5, 50)
    .prefault('20%')
    .describe('Newest part of the data, kept out of training to judge the model.'),
  seed: count(0, 2 ** 32 - 1)
    .default(42)
    .describe('Seed of everything random: same data and seed, same model.'),
})

const log = section({
  level: oneOf(['debug', 'info', 'warn', 'error'])
    .prefault('info')
    .describe('Least important level that is written, as JSON lines. Also --log-level and HOMEOSTAT_LOG_LEVEL.'),
})

function build(receivers: ReceiverSchemas) {
  return section({
    interval: duration('1s', '1h').prefault('15s').describe('Time from one cycle to the next, on a fixed grid.'),
    source: sourceSchema.prefault({}).describe('Where readings come from.'),
    targets: targets.prefault({}).describe('What counts as one target, and when it is stale or gone.'),
    features: features.prefault({}).describe('What is computed for each target.'),
    clean: section({
      forward_fill: duration('0s', '1h')
        .prefault('2m')
        .describe('How long a missing value may be carried forward; afterwards the median stands in.'),
    })
      .prefault({})
      .describe('What happens to missing values; every repair is counted.'),
    push: pushSchema.prefault({}).describe('Services that push their readings, and a Pushgateway for the results.'),
    detect: detect.prefault({}).describe('The detectors.'),
    threshold: threshold.prefault({}).describe('From which score on a target is anomalous.'),
    train: train.prefault({}).describe('How models are trained.'),
    topology: topologySchema
      .prefault({})
      .describe('Which services call which, so that the cause is looked for where it sits.'),
    remediation: remediationSchema.prefault({}).describe('What may be done about trouble, and by which rules.'),
    actions: actionsSchema.prefault({}).describe('What can be done about targets, and to what.'),
    notifications: notificationsSchema(receivers).prefault({}).describe('Who is told of what, and when.'),
    store: storeSchema.prefault({}).describe('Where incidents, actions and the audit are kept.'),
    web: webSchema.prefault({}).describe('The HTTP server.'),
    webhooks: webhooksSchema.prefault({}).describe('Alerts that others send: who may.'),
    data_dir: text('a path', './data')
      .default('./data')
      .describe('Directory for what must survive a restart. Also --data-dir and HOMEOSTAT_DATA_DIR.'),
    log: log.prefault({}).describe('The log, on standard output.'),
  })
}

const built = new WeakMap<ReceiverSchemas, ReturnType<typeof build>>()

/**
 * The whole configuration file. Defaults live here; durations come out in ms, sizes in bytes, shares as 0–1.
 *
 * @param receivers the kinds of receivers there are, with the schema of each one's section
 */
export function schemaWith(receivers: ReceiverSchemas): ReturnType<typeof build> {
  const known = built.get(receivers) ?? build(receivers)
  built.set(receivers, known)
  return known
}

/** The configuration where no kinds of receivers are known: all else is the same. */
export const schema = schemaWith({})

/** A parsed file: every default filled in, nothing yet concluded from one key for another. */
export type ParsedConfig = z.output<typeof schema>
