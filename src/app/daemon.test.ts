import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../platform/clock.ts'
import { systemEnvironment } from '../platform/environment.ts'
import { createLogger } from '../platform/logger.ts'
import { createMetrics } from '../platform/metrics.ts'
import { startDaemon } from './daemon.ts'
import { configOf } from './testing/effects-of.ts'

it('runs the engine of a new configuration also where the one before does not end well', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-daemon-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const config = configOf(
    `{ data_dir: ${dir}, interval: 1s, source: { type: push }, web: { listen_address: '127.0.0.1:0' } }`,
  )
  const log: string[] = []
  const cycles = Promise.withResolvers<void>()
  const broken = Promise.withResolvers<void>()
  let ticks = 0
  const metrics = createMetrics({ now: systemClock.now, version: '0', node: '0' })
  const daemon = await startDaemon(config, {
    clock: systemClock,
    stopwatch: () => performance.now(),
    environment: { ...systemEnvironment, variables: {} },
    logger: createLogger('error', { write: (line: string) => log.push(line) }),
    metrics: {
      ...metrics,
      // The loop of the first engine ends here, and with it what halts the engine fails.
      ticked() {
        ticks++
        if (ticks > 1) return cycles.resolve()
        broken.resolve()
        throw new Error('broken')
      },
    },
    loadConfig: () => ({ ok: true, config }),
  })
  await broken.promise

  const reloaded = await daemon.reload()

  expect(reloaded).toEqual({ ok: true })
  await cycles.promise
  expect(log.join('')).toContain('the engine before did not end well')
  await daemon.stop()
})
