// Entry points of the kernel. No runtime objects, no allocation in here: the host owns the memory above
// heapBase() and passes addresses.
export { inferEach, inferRows } from './network'
export { addNormal } from './normal'
export { lossOfRows, trainBatch } from './train'

/** First address free for the host. */
export function heapBase(): usize {
  return __heap_base
}
