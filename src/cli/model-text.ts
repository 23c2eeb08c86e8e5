import { formatDuration } from '../config/duration.ts'
import type { ModelCard } from '../domain/model-file.ts'
import type { StoredModel } from '../store/models/model-store.ts'
import { meanLoss } from '../train/tune.ts'
import { textTable } from './text-table.ts'

const COLUMNS = [
  { title: 'model' },
  { title: 'created' },
  { title: 'rows', right: true },
  { title: 'features', right: true },
  { title: 'layers' },
  { title: 'validation loss', right: true },
  { title: 'state' },
]

/** A line a model, oldest version first; the newest version of a unit is the one in use. */
export function modelTable(stored: readonly StoredModel[]): string {
  return textTable(
    COLUMNS,
    stored.map((model, i) => {
      const newest = stored[i + 1]?.unit !== model.unit
      const name = `${model.unit}/${model.version}`
      if ('problem' in model) return [name, '', '', '', '', '', `refused: ${model.problem}`]
      const { created_at, data, features, autoencoder } = model.file.card
      return [
        name,
        created_at.slice(0, 19).replace('T', ' '),
        String(data.rows),
        String(features.length),
        autoencoder.layers.join('-'),
        keptLoss(autoencoder.losses.validation, autoencoder.epochs),
        [newest ? 'newest' : '', origin(model.file.card)].filter((part) => part !== '').join(', '),
      ]
    }),
  )
}

/** The same as data, one object a model, keys in snake_case. */
export function modelListJson(stored: readonly StoredModel[]): object[] {
  return stored.map(({ unit, version, path, ...rest }) =>
    'problem' in rest
      ? { unit, version, path, problem: rest.problem }
      : {
          unit,
          version,
          path,
          created_at: rest.file.card.created_at,
          targets: rest.file.card.targets.length,
          rows: rest.file.card.data.rows,
          layers: rest.file.card.autoencoder.layers,
        },
  )
}

/** A card for people: one fact a line. */
export function modelText(version: number, path: string, card: ModelCard): string {
  const { data, autoencoder, threshold, tuning } = card
  const members = Object.entries(card.members).map(([name, { weight }]) => `${name} ${percent(weight)}`)
  const facts: [string, string][] = [
    ['model', `${card.unit}/${version}`],
    ['file', path],
    ['created', card.created_at],
    ['scope', `${card.scope}, ${some(card.targets, 5)}`],
    ['data', `${data.from} to ${data.to}, a row every ${formatDuration(Math.round(data.step_seconds * 1000))}`],
    [
      'cleaning',
      `${data.rows} rows, ${data.forward_filled} cells filled with the value before, ${data.missing} missing, ${data.dropped_rows} rows dropped, ${data.masked_rows} left out as not normal${card.scope === 'group' ? ', over all targets' : ''}`,
    ],
    ['features', some(card.features, card.features.length)],
    ['layers', `${autoencoder.layers.join('-')}, ${networkText(autoencoder)}, ${scalingText(card)}`],
    ['training', trainingText(card)],
    ['validation', `loss ${keptLoss(autoencoder.losses.validation, autoencoder.epochs)}`],
    ['ensemble', members.join(', ')],
    ['threshold', thresholdText(threshold)],
    ['seed', String(card.seed)],
  ]
  if (tuning) {
    const { hidden, learning_rate } = tuning.chosen
    facts.push(['tuned', `${hidden.join('-')} at rate ${learning_rate}, best of ${tuning.trials.length} networks:`])
    for (const trial of tuning.trials) {
      const losses = trial.validation_losses.map((loss) => loss.toPrecision(4)).join(', ')
      const mean = meanLoss(trial).toPrecision(4)
      facts.push(['', `${trial.hidden.join('-')} at rate ${trial.learning_rate}: loss ${mean} (${losses})`])
    }
  }
  if (card.contest !== undefined) {
    const { champion, champion_loss, challenger_loss, rows } = card.contest
    const losses = `${challenger_loss.toPrecision(4)} against ${champion_loss.toPrecision(4)}`
    facts.push(['took over', `from ${champion} with a loss of ${losses} on ${rows} rows new to both`])
  }
  if (card.imported_from !== undefined) facts.push(['imported', `from ${card.imported_from}`])
  if (card.restored_from !== undefined) facts.push(['restored', `from version ${card.restored_from}`])
  return facts.map(([key, value]) => `${key.padEnd(11)} ${value}`.trimEnd()).join('\n')
}

/** With the tests that chose the rule, where they did. */
function thresholdText({ mode, value, rule, shapiro_wilk_p, kolmogorov_smirnov_p }: ModelCard['threshold']): string {
  if (value === null) return mode
  if (rule === undefined) return `${mode}, ${value}`
  const chosen = rule === 'sigma' ? 'mean and deviations' : 'a percentile'
  const p = (each?: number) => (each ?? Number.NaN).toPrecision(2)
  return `${mode}, ${value} by ${chosen} (Shapiro–Wilk p ${p(shapiro_wilk_p)}, Kolmogorov–Smirnov p ${p(kolmogorov_smirnov_p)})`
}

function origin({ tuning, restored_from, imported_from }: ModelCard): string {
  if (restored_from !== undefined) return `restored from ${restored_from}`
  if (imported_from !== undefined) return `imported from ${imported_from}`
  return tuning === undefined ? '' : 'tuned'
}

function networkText({ output, operators }: ModelCard['autoencoder']): string {
  return operators === undefined ? `${output} output` : `run as its file says (${operators.join(', ')})`
}

function trainingText({ autoencoder, imported_from }: ModelCard): string {
  if (imported_from !== undefined) return 'elsewhere'
  const { epochs, batch_size, learning_rate } = autoencoder
  return `${epochs} epochs, batches of ${batch_size}, rate ${learning_rate}`
}

function scalingText({ autoencoder: { scaling, layers }, features }: ModelCard): string {
  const seen = layers[0] > features.length ? 'sees the recent past' : 'sees the reading alone'
  return `${scaling === 'minmax' ? 'features in [0, 1]' : 'features in deviations'}, ${seen}`
}

function keptLoss(losses: readonly number[], epochs: number): string {
  const loss = losses[epochs - 1]
  return typeof loss === 'number' && Number.isFinite(loss) ? loss.toPrecision(4) : '-'
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}

function some(names: readonly string[], most: number): string {
  const few = names.slice(0, most).join(', ')
  return names.length > most ? `${few} and ${names.length - most} more` : few
}
