import { defineConfig } from 'vitest/config'

/** End to end within half a minute: the main job and the commands. */
const SHORT_ENDS = ['command-line', 'run'].map((name) => `test/e2e/${name}.test.ts`)

/** Tests of what the detectors see of this very machine, and of what takes all of its processors. */
const LOAD_READERS = ['exhaustion', 'healing', 'history', 'observe', 'scrape', 'sources', 'stress'].map(
  (name) => `test/stack/${name}.test.ts`,
)

/**
 * The tiers: `unit` needs nothing, `e2e` and `e2e-long` start the built daemon on the embedded local source, `stack` and `servers` run
 * it against real Prometheus, Alertmanager, node_exporter, Docker, PostgreSQL and others, `chaos` kills and starves it.
 * `dashboard` looks at its pages in a real browser. All but `unit` need `npm run build` first.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts', 'test/support/**/*.test.ts'],
          // Properties are tried a hundred times and more, and the machine may be busy.
          testTimeout: 20_000,
          expect: { poll: { timeout: 15_000 } },
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: SHORT_ENDS,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // After the unit tests: the deadlines here are those of a daemon that has the processor to itself.
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e-long',
          include: ['test/e2e/**/*.test.ts'],
          exclude: SHORT_ENDS,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'dashboard',
          include: ['test/dashboard/**/*.test.ts'],
          globalSetup: ['test/support/browser-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 30_000 } },
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'stack',
          include: LOAD_READERS,
          // Who runs the tests on a machine that others use can leave out those that load it.
          exclude: process.env.HOMEOSTAT_LOADS === 'off' ? ['test/stack/stress.test.ts'] : [],
          globalSetup: ['test/support/packages-setup.ts', 'test/support/lab-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // One file at a time: each reads the load of the machine that another would disturb.
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'servers',
          include: ['test/stack/**/*.test.ts'],
          exclude: LOAD_READERS,
          globalSetup: ['test/support/packages-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Each has servers of its own and mostly waits for them.
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          // Minutes for what takes an hour when all of the promised numbers are tried.
          testTimeout: process.env.HOMEOSTAT_CHAOS === 'long' ? 7_200_000 : 180_000,
          hookTimeout: 60_000,
          // Most of them wait: for leases, cycles and deadlines. The long run counts on having the machine to itself.
          maxWorkers: process.env.HOMEOSTAT_CHAOS === 'long' ? 1 : 3,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
})
