/*
 * The part of the TensorFlow Lite schema, version 3, that dense models use: for each table the index of a field in its
 * vtable, for each enum its codes. Source: tensorflow/compiler/mlir/lite/schema/schema.fbs, TensorFlow 2.
 */

export const SCHEMA_VERSION = 3
export const FILE_IDENTIFIER = 'TFL3'

export const MODEL = { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4, signatures: 7 } as const
export const OPERATOR_CODE = { shortCode: 0, customName: 1, version: 2, code: 3 } as const
export const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 } as const
export const TENSOR = { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, sparsity: 6, signature: 7 } as const
export const QUANTIZATION = { scale: 2, zeroPoint: 3, detailsType: 4, dimension: 6 } as const
export const OPERATOR = { code: 0, inputs: 1, outputs: 2, optionsType: 3, options: 4 } as const
export const BUFFER = { data: 0, offset: 1, size: 2 } as const
export const FULLY_CONNECTED_OPTIONS = { activation: 0, format: 1, keepDims: 2, asymmetricInputs: 3 } as const
export const RESHAPE_OPTIONS = { shape: 0 } as const
export const SIGNATURE = { inputs: 0, outputs: 1, key: 2, subgraph: 4 } as const
export const TENSOR_MAP = { name: 0, tensor: 1 } as const

/** `TensorType` */
export const TYPE = { float32: 0, float16: 1, int32: 2, int8: 9 } as const
export const TYPE_NAMES =
  'FLOAT32 FLOAT16 INT32 UINT8 INT64 STRING BOOL INT16 COMPLEX64 INT8 FLOAT64 COMPLEX128 UINT64 RESOURCE VARIANT UINT32 UINT16 INT4 BFLOAT16'.split(
    ' ',
  )

/** `BuiltinOperator`, those we evaluate; every name is in operator-name.ts. */
export const OP = {
  dequantize: 6,
  fullyConnected: 9,
  logistic: 14,
  relu: 19,
  relu6: 21,
  reshape: 22,
  tanh: 28,
  custom: 32,
  quantize: 114,
} as const

/** `BuiltinOptions`, the union's tags. */
export const OPTIONS = { none: 0, fullyConnected: 8, reshape: 17 } as const

/** `ActivationFunctionType`, fused into an op. */
export const FUSED = { none: 0, relu: 1, reluN1To1: 2, relu6: 3, tanh: 4, signBit: 5 } as const
