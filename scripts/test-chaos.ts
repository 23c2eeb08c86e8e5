/** `npm run test:chaos -- [--long] [options of vitest]`: the tests that kill, pause and starve the daemon. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const [long, rest] = [process.argv.includes('--long'), process.argv.slice(2).filter((option) => option !== '--long')]
const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs')
const env = long ? { ...process.env, HOMEOSTAT_CHAOS: 'long' } : process.env
const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'chaos', ...rest], {
  stdio: 'inherit',
  env,
})
process.exit(status ?? 1)
