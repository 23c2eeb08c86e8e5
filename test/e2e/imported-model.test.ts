import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { dynamicRangeFile } from '../fixtures/tflite/quantized.ts'
import { randomModel } from '../fixtures/tflite/random-model.ts'
import { runCommand, startDaemon } from '../support/daemon.ts'
import { FEATURES, makeHistory } from './made-history.ts'

const SECOND = 1000
const dir = mkdtempSync(join(tmpdir(), 'homeostat-imported-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

it.each([
  ['none', 'feeds it the reading alone'],
  ['recent', 'feeds it like the others of the fleet'],
])('a network of int8 weights and tanh is exposed like our own: context %s, %s', async (context) => {
  const dataDir = join(dir, context)
  const config = {
    data_dir: dataDir,
    interval: '1s',
    source: { type: 'local', local: { instance: 'this-host', rate_window: '3s' } },
    features: { include: [...FEATURES] },
    detect: { autoencoder: { context } },
    train: { min_history: '2m', history: '10m' },
  }
  const files = {
    config: join(dir, `${context}.yaml`),
    network: join(dir, 'int8.tflite'),
    scaler: join(dir, 'int8.json'),
  }
  writeFileSync(files.config, stringify(config))
  const network = randomModel([4, 5, 3, 5, 4], 'tanh', 'sigmoid', 1)
  writeFileSync(files.network, dynamicRangeFile(network, { perChannel: true, asymmetricInputs: false }))
  writeFileSync(files.scaler, JSON.stringify({ features: FEATURES, minimum: [0, 0, 0, 0], maximum: [100, 100, 2, 1] }))
  const until = Math.floor(Date.now() / SECOND) * SECOND
  await makeHistory({ dataDir, targets: ['this-host'], job: 'local', until, rows: 180, stepMs: SECOND })
  const args = [files.network, '--scaler', files.scaler, '--unit', 'this-host@local', '--config', files.config]

  const { code, stderr } = await runCommand(['model', 'import', ...args])

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const daemon = await startDaemon({ config, dataDir })
  try {
    const labels = { instance: 'this-host', job: 'local' }
    const score = await daemon.waitFor('a score', () => daemon.metric('anomaly_score', labels), { withinMs: 20_000 })
    expect(score).toBeGreaterThan(0)
    expect(await daemon.metric('anomaly_threshold', labels)).toBeGreaterThan(0)
    const { detectors, level } = await daemon.target('this-host@local')
    expect(detectors['autoencoder']).toBeGreaterThanOrEqual(0)
    expect(level).toBeGreaterThanOrEqual(0)
    expect(daemon.logs()).not.toMatch(/refused|another configuration/)
  } finally {
    await daemon.stop()
  }
})
