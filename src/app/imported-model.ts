import type { Kernel } from '../detect/kernel/kernel.ts'
import type { ModelFile } from '../domain/model-file.ts'
import { type Contest, contest } from '../train/contest.ts'
import { fitModel } from '../train/fit.ts'
import type { FitOptions } from '../train/fit-options.ts'
import { withFixedNetwork } from '../train/fixed-network.ts'
import { fingerprintOf, toModelFile } from '../train/model-codec.ts'
import { type ImportedNetwork, openImported } from './imported-network.ts'
import { networkTensors, openModel } from './network-file.ts'
import type { ContestJob, FitJob } from './train-worker.ts'

/**
 * Fits everything else around an imported network on the target's rows: usual errors, forecast, baseline, threshold.
 *
 * @param name of the file that it came from
 * @param kernel one that runs network files
 */
export function fitImported(job: FitJob, network: ImportedNetwork, name: string, kernel: Kernel): ModelFile {
  const options = optionsFor(job.options, network)
  const fitted = fitModel(job.sets, options, fixed(network, kernel), () => {}, job.teachers)
  const { card, tensors } = toModelFile(fitted, options, job.origin)
  fitted.weights.autoencoder.dispose()
  fitted.weights.forecast.dispose()
  const { source, sizes, operators } = network
  // Marked as one of this configuration, or the daemon would refuse the network for its sizes.
  const own = { ...card, imported_from: name, fingerprint: fingerprintOf(card.features, job.options) }
  if ('weights' in source) return { card: own, tensors }
  return {
    card: { ...own, autoencoder: { ...card.autoencoder, layers: sizes, operators } },
    tensors: { ...tensors, ...networkTensors(source) },
  }
}

/** The model in force against the imported one, on rows that came after the training of the former. */
export function contestImported(job: ContestJob, network: ImportedNetwork, kernel: Kernel): Contest {
  const options = optionsFor(job.options, network)
  const champions = openModel(job.champion, kernel)
  return contest(job.sets, champions, job.heldFrom, options, fixed(network, kernel))
}

function optionsFor(options: FitOptions, { plan, given }: ImportedNetwork): FitOptions {
  return { ...options, plan, given, training: { ...options.training, length: { epochs: 1, patience: 1 } } }
}

function fixed(network: ImportedNetwork, kernel: Kernel): Kernel {
  return withFixedNetwork(kernel, network.shape, () => openImported(network, kernel))
}
