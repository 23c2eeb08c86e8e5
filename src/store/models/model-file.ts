import type { ModelCard, ModelFile } from '../../domain/model-file.ts'
import { decodeTensorFile, encodeTensorFile } from '../tensor-file.ts'

/** One model as bytes. */
export function encodeModelFile({ card, tensors }: ModelFile): Buffer {
  return encodeTensorFile('model', { header: card, tensors })
}

/** @throws {TensorFileError} when the bytes are not a whole, undamaged model of this release */
export function decodeModelFile(bytes: Uint8Array): ModelFile {
  const { header, tensors } = decodeTensorFile<ModelCard>('model', bytes)
  return { card: header, tensors }
}
