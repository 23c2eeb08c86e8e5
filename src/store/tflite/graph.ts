/** Affine quantisation: real = scale · (stored − zeroPoint). One pair for the tensor, or one for each row. */
export interface Quantization {
  readonly scales: Float32Array
  /** As many as scales, or none for all zero. */
  readonly zeroPoints: Int32Array
  /** The dimension the pairs count along, when there are several. */
  readonly dimension: number
}

export interface Tensor {
  readonly name: string
  /** Sizes of the dimensions, ≥ 0; a dimension that varies stands as 1. */
  readonly shape: readonly number[]
  /** The shape with −1 where a dimension varies, when the file gives one. */
  readonly signature?: readonly number[]
  /** `TensorType` code, see schema.ts. */
  readonly type: number
  /** Little-endian values of a constant; `undefined` for a tensor computed at run time. */
  readonly data?: Uint8Array
  readonly quantization?: Quantization
}

export interface Operator {
  /** `BuiltinOperator` code, see schema.ts. */
  readonly code: number
  /** Version of the op's semantics, ≥ 1. */
  readonly version: number
  /** Indices of tensors; −1 where an optional input, such as a bias, is left out. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly options?: FullyConnectedOptions | ReshapeOptions
}

export interface FullyConnectedOptions {
  readonly kind: 'fully_connected'
  /** `ActivationFunctionType` code. */
  readonly activation: number
  /** 0 unless the weights are shuffled for a special kernel. */
  readonly weightsFormat: number
  readonly keepDims: boolean
  /** Whether a dynamic-range kernel may give its quantised input a zero point. */
  readonly asymmetricInputs: boolean
}

interface ReshapeOptions {
  readonly kind: 'reshape'
  readonly shape: readonly number[]
}

/** One subgraph of a .tflite file as plain values: tensors, and ops in the order of evaluation. */
export interface Graph {
  readonly name: string
  readonly description: string
  readonly tensors: readonly Tensor[]
  readonly operators: readonly Operator[]
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}
