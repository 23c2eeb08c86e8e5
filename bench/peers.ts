import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

// biome-ignore lint/suspicious/noExplicitAny: the peers are optional and bring no types here
export type Peer = any

/** Programs of others to be measured beside; undefined where one is not installed. */
export interface Peers {
  readonly tf: Peer
  /** Whether the `wasm` backend of tfjs can be set. */
  readonly tfWasm: boolean
  readonly onnx: Peer
}

const TF_WASM = '@tensorflow/tfjs-backend-wasm'

/** @param directory the one whose `node_modules` has them */
export async function loadPeers(directory: string): Promise<Peers> {
  const require = createRequire(join(resolve(directory), 'package.json'))
  const load = async (name: string): Promise<Peer> => {
    try {
      const module = await import(pathToFileURL(require.resolve(name)).href)
      return module.default ?? module
    } catch {
      return undefined
    }
  }
  const tf = await load('@tensorflow/tfjs')
  const wasm = tf && (await load(TF_WASM))
  wasm?.setWasmPaths(`${dirname(require.resolve(TF_WASM))}/`)
  const tfWasm = wasm !== undefined && (await tf.setBackend('wasm')) === true
  return { tf, tfWasm, onnx: await load('onnxruntime-node') }
}
