import type { Kernel, Network, NetworkShape, Trainer, TrainerOptions } from '../detect/kernel/kernel.ts'

/**
 * A kernel whose trainers have nothing to learn any more: the network is the one given, whatever they are trained on. With
 * it everything else is fitted around a network that was made elsewhere.
 *
 * @param kernel must be able to run the network among its own
 * @param open makes the network, of `shape`; every call another one
 */
export function withFixedNetwork(kernel: Kernel, shape: NetworkShape, open: () => Network): Kernel {
  const assertShape = (wanted: NetworkShape) => {
    if (String(wanted.sizes) === String(shape.sizes) && wanted.output === shape.output) return
    throw new RangeError(`the network is ${shape.sizes.join('-')}, not ${wanted.sizes.join('-')}`)
  }
  return {
    ...kernel,
    createNetwork(wanted) {
      assertShape(wanted)
      return open()
    },
    createTrainer(options) {
      assertShape(options.shape)
      return fixedTrainer(open, options)
    },
  }
}

function fixedTrainer(open: () => Network, options: TrainerOptions): Trainer {
  const { shape, inputs, targets = inputs } = options
  const width = shape.sizes[shape.sizes.length - 1]

  function loss(from: number, to: number): number {
    const network = open()
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
    // Whatever is made of them is the network given.
    weights: () => new Float32Array(0),
    dispose() {},
  }
}
