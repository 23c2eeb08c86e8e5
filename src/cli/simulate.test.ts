import { expect, it } from 'vitest'
import { simulateCommand } from './simulate.ts'

/** What is said of a command line that cannot be. */
async function refusal(args: readonly string[]): Promise<string> {
  const command = simulateCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  return command.parseAsync(args, { from: 'user' }).then(
    () => 'taken',
    (error: Error) => error.message,
  )
}

it.each([
  [['--fault', 'ledger'], 'it is SERVICE:KIND[:TICKS][@TIME]'],
  [['--fault', 'ledger:fire'], 'there is no fault fire; there are cpu_spike, '],
  [['--fault', 'lodger:cpu_spike'], '--fault: lodger is no service of this world; there are gateway, '],
  [['--services', '30', '--fault', 'lodger:cpu_spike'], 'service-012 and more'],
  [['--fault', 'ledger:cpu_spike:0'], 'a fault lasts at least one tick'],
  [['--fault', 'ledger:cpu_spike@soon'], 'a duration such as 90s, not soon'],
  [['--fault-ticks', '9'], 'it is FROM-TO in ticks'],
  [['--fault-ticks', '9-8'], 'it is FROM-TO in ticks'],
  [['--interval', '3'], 'it is a duration from 100ms to 1h'],
  [['--interval', '99ms'], 'it is a duration from 100ms to 1h'],
  [['--speed', '0'], 'it is a number from 0.01 to 1000'],
  [['--speed', '1e3'], 'it is a number from 0.01 to 1000'],
  [['--services', '0'], 'it is a whole number from 1 to 1000'],
  [['--services', '1.5'], 'it is a whole number from 1 to 1000'],
  [['--seed', '-1'], 'it is a whole number from 0'],
  [['--listen-address', 'here'], 'it is HOST:PORT'],
  [['--faults', '/does/not/exist.yaml'], '/does/not/exist.yaml cannot be read: ENOENT'],
  [['--config', '/does/not/exist.yaml'], '/does/not/exist.yaml cannot be read: ENOENT'],
  [['--config', 'a.yaml', '--services', '3'], '--config and --services both say what the world is'],
  [['--token-file', '/does/not/exist'], '--token-file is for --push'],
  [['--push', 'http://h', '--token-file', '/does/not/exist'], '--token-file: the secret in the file /does/not/exist'],
  [['--push', 'ftp://h'], '--push must be an http:// or https:// URL'],
  [['--push', 'http://h/?a=b'], '--push must be an http:// or https:// URL'],
])('simulate refuses %j in words', async (args, words) => {
  expect(await refusal(args)).toContain(words)
})

it('simulate never repeats a password that stands in a URL', async () => {
  const said = await refusal(['--pushgateway', 'http://me:hunter2@gateway:9091'])

  expect(said).toContain('--pushgateway must be')
  expect(said).not.toContain('hunter2')
})
