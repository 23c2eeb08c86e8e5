import type { ModelDetailJson } from '../../../api/contract.ts'
import { Sparkline } from '../../charts/sparkline.tsx'
import { formatNumber, plural } from '../../format.ts'
import { epochSamples } from './epochs.ts'

/** How the loss fell from epoch to epoch: of training, and thin behind it of validation. */
export function LossCurve({ losses }: { losses: ModelDetailJson['losses'] }) {
  const epochs = Math.max(losses.training.length, losses.validation.length)
  if (epochs < 2) return null
  const range = { from: 0, to: epochs - 1 }
  return (
    <figure className="loss-curve">
      <Sparkline samples={epochSamples(losses.training)} expected={epochSamples(losses.validation)} range={range} />
      <figcaption className="muted">
        Loss over {plural(epochs, 'epoch')}: training {formatNumber(losses.training[0])} →{' '}
        {formatNumber(losses.training.at(-1))}
        {losses.validation.length > 0 &&
          `, validation (thin) ${formatNumber(losses.validation[0])} → ${formatNumber(losses.validation.at(-1))}`}
      </figcaption>
    </figure>
  )
}
