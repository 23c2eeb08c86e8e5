import { defineConfig } from 'vitest/config'

/**
 * Three tiers: `unit` needs nothing, `e2e` starts the built daemon on the embedded local source, `stack` runs it
 * against real Prometheus, node_exporter and VictoriaMetrics. `e2e` and `stack` need `npm run build` first.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts', 'test/support/**/*.test.ts'],
          exclude: ['src/ui/**'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          // After the unit tests: the deadlines here are those of a daemon that has the processor to itself.
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'stack',
          include: ['test/stack/**/*.test.ts'],
          // Who runs the tests on a machine that others use can leave out those that load it.
          exclude: process.env.HOMEOSTAT_LOADS === 'off' ? ['test/stack/stress.test.ts'] : [],
          globalSetup: ['test/support/lab-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // One file at a time: each reads the load of the machine that another would disturb.
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
