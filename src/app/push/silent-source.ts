import type { Source } from '../../observe/source.ts'

/** Nothing is polled: all that is known is pushed. */
export function createSilentSource(features: readonly string[]): Source {
  return {
    kind: 'none',
    history: { async *read() {} },
    observe: async (at) => ({
      at,
      features,
      targets: [],
      values: new Float64Array(0),
      sampledAt: new Float64Array(0),
      warnings: [],
    }),
    close: async () => {},
  }
}
