import type { Activation, DenseLayer, DenseModel } from './dense-model.ts'
import type { FullyConnectedOptions, Graph, Operator } from './graph.ts'
import { FUSED, OP, TYPE } from './schema.ts'
import { realConstant } from './values.ts'

const ACTIVATIONS: Partial<Record<number, Activation>> = {
  [OP.relu]: 'relu',
  [OP.logistic]: 'sigmoid',
  [OP.tanh]: 'tanh',
}

const FUSED_ACTIVATIONS: Partial<Record<number, Activation>> = {
  [FUSED.none]: 'linear',
  [FUSED.relu]: 'relu',
  [FUSED.tanh]: 'tanh',
}

/**
 * The graph as plain dense layers, for a graph that compiles (see `compileGraph`).
 *
 * @param inputs values of one row
 * @returns `undefined` when it is something else: quantised, branching, of several examples a row, or with an activation
 *   that a layer does not have
 */
export function toDenseModel(graph: Graph, inputs: number): DenseModel | undefined {
  const layers: DenseLayer[] = []
  const real = dequantizedWeights(graph)
  let current = graph.inputs[0]
  for (const operator of graph.operators) {
    if (real.has(operator.outputs[0])) continue
    if (operator.inputs[0] !== current || !append(layers, operator, graph, real)) return undefined
    current = operator.outputs[0]
  }
  const fits = layers.every((layer, i) => layer.inputs === (layers[i - 1]?.outputs ?? inputs))
  return layers.length > 0 && fits && current === graph.outputs[0] ? { layers } : undefined
}

/** From the result of a DEQUANTIZE to the constant it reads: weights kept small in the file. */
function dequantizedWeights({ operators, tensors }: Graph): Map<number, number> {
  const constant = operators.filter(
    ({ code, inputs }) => code === OP.dequantize && tensors[inputs[0]].data !== undefined,
  )
  return new Map(constant.map(({ inputs, outputs }) => [outputs[0], inputs[0]]))
}

/** Adds what the op does to the layers; false when layers cannot say it. */
function append(layers: DenseLayer[], operator: Operator, graph: Graph, real: Map<number, number>): boolean {
  const { code } = operator
  if (code === OP.fullyConnected) return appendDense(layers, operator, graph, real)
  if (code === OP.reshape) return true
  const activation = ACTIVATIONS[code]
  const last = layers.at(-1)
  if (activation === undefined || last?.activation !== 'linear') return false
  layers[layers.length - 1] = { ...last, activation }
  return true
}

function appendDense(layers: DenseLayer[], operator: Operator, graph: Graph, real: Map<number, number>): boolean {
  const constant = (index: number): Float32Array => realConstant(graph.tensors[real.get(index) ?? index])
  const [, weights, bias = -1] = operator.inputs
  const tensor = graph.tensors[weights]
  const activation = FUSED_ACTIVATIONS[(operator.options as FullyConnectedOptions).activation]
  if (tensor.type !== TYPE.float32 || activation === undefined) return false
  const [outputs, inputs] = tensor.shape
  layers.push({
    inputs,
    outputs,
    weights: constant(weights),
    bias: bias < 0 ? new Float32Array(outputs) : constant(bias),
    activation,
  })
  return true
}
