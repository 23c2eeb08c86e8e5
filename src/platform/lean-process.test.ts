import { expect, it } from 'vitest'
import { LEAN_ALLOCATOR, LEAN_FLAGS, leanRestart } from './lean-process.ts'

const argv = ['/usr/bin/node', '/opt/main.js', 'run', '--config', 'a.yaml']

it('starts the same command again, with what is missing', () => {
  const restart = leanRestart({ argv, execArgv: ['--enable-source-maps'], env: { HOME: '/root' } })

  expect(restart?.args).toEqual(['/usr/bin/node', '--enable-source-maps', ...LEAN_FLAGS, ...argv.slice(1)])
  expect(restart?.env).toEqual({ HOME: '/root', ...LEAN_ALLOCATOR })
})

it('does so once', () => {
  const restart = leanRestart({ argv, execArgv: [], env: {} })!

  expect(leanRestart({ argv, execArgv: LEAN_FLAGS, env: restart.env })).toBeUndefined()
})

it.each([
  { execArgv: ['--max-semi-space-size=64'], env: {} },
  { execArgv: [], env: { NODE_OPTIONS: '--no-warnings --max-semi-space-size=64' } },
])('leaves alone what its starter chose: %j', ({ execArgv, env }) => {
  const restart = leanRestart({ argv, execArgv, env: { ...env, MALLOC_ARENA_MAX: '8' } })

  expect(restart?.args).toEqual([argv[0], ...execArgv, ...argv.slice(1)])
  expect(restart?.env).toEqual({ ...LEAN_ALLOCATOR, ...env, MALLOC_ARENA_MAX: '8' })
})
