import type { Kernel, NetworkShape, Trainer, TrainerOptions } from '../detect/kernel/kernel.ts'

/**
 * A kernel whose trainers have nothing to learn any more: the network is the one given, whatever they are trained on. With
 * it everything else is fitted around a network that was made elsewhere.
 *
 * @param weights of `shape`, as for `createNetwork`
 */
export function withFixedNetwork(kernel: Kernel, shape: NetworkShape, weights: Float32Array): Kernel {
  return {
    name: kernel.name,
    createNetwork: (own, given) => kernel.createNetwork(own, given),
    createLinear: (outputs, inputs, given) => kernel.createLinear(outputs, inputs, given),
    inferEach: (models, inputs, outputs) => kernel.inferEach(models, inputs, outputs),
    applyEach: (models, inputs, outputs) => kernel.applyEach(models, inputs, outputs),
    createRidge: (outputs, inputs) => kernel.createRidge(outputs, inputs),
    createTrainer(options) {
      if (String(options.shape.sizes) !== String(shape.sizes) || options.shape.output !== shape.output) {
        throw new RangeError(`the network is ${shape.sizes.join('-')}, not ${options.shape.sizes.join('-')}`)
      }
      return fixedTrainer(kernel, weights, options)
    },
  }
}

function fixedTrainer(kernel: Kernel, weights: Float32Array, options: TrainerOptions): Trainer {
  const { shape, inputs, targets = inputs } = options
  const width = shape.sizes[shape.sizes.length - 1]

  function loss(from: number, to: number): number {
    const network = kernel.createNetwork(shape, weights)
    const outputs = new Float32Array((to - from) * width)
    network.infer(to - from, inputs.subarray(from * shape.sizes[0], to * shape.sizes[0]), outputs)
    network.dispose()
    let squares = 0
    for (let i = 0; i < outputs.length; i++) squares += (targets[from * width + i] - outputs[i]) ** 2
    return squares / outputs.length
  }

  return {
    shape,
    // The rows that teach are the first ones.
    epoch: (permutation) => loss(0, permutation.length),
    loss,
    weights: () => Float32Array.from(weights),
    dispose() {},
  }
}
