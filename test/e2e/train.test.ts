import { spawn } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { createPlainKernel } from '../../src/detect/kernel/plain.ts'
import type { ModelCard, ModelFile } from '../../src/domain/model-file.ts'
import type { ContestRecord } from '../../src/store/models/contest-log.ts'
import { createModelStore } from '../../src/store/models/model-store.ts'
import { encodeGraph } from '../../src/store/tflite/encode.ts'
import { readTflite } from '../../src/store/tflite/read.ts'
import { TYPE } from '../../src/store/tflite/schema.ts'
import { fromModelFile } from '../../src/train/model-codec.ts'
import { dynamicRangeFile } from '../fixtures/tflite/quantized.ts'
import { randomModel } from '../fixtures/tflite/random-model.ts'
import { type CommandResult, runCommand, startDaemon } from '../support/daemon.ts'
import { until } from '../support/deadline.ts'
import { FEATURES, makeHistory } from './made-history.ts'

const STEP = 15_000
const ROWS = 180
const UNTIL = Math.floor(Date.now() / STEP) * STEP

let dir: string
let dataDir: string
let config: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-train-'))
  dataDir = join(dir, 'data')
  config = settings('good.yaml', {})
  await makeHistory({ dataDir, targets: ['web-1', 'web-2'], until: UNTIL, rows: ROWS, stepMs: STEP })
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** The quickest network there is, and a stretch of history that is read densely. */
function settings(name: string, changes: Record<string, unknown>): string {
  const path = join(dir, name)
  const train = { min_history: '30m', history: '1h', ...(changes['train'] as object | undefined) }
  const features = { include: [...FEATURES] }
  const detect = { autoencoder: { context: 'none' } }
  writeFileSync(path, stringify({ data_dir: dataDir, features, detect, ...changes, train }))
  return path
}

function run(...args: string[]): Promise<CommandResult> {
  return runCommand([...args, '--config', config])
}

async function card(model: string): Promise<ModelCard & { version: number }> {
  const { stdout, stderr, code } = await run('model', 'show', model, '--json')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

/** What is on record of models taking over from each other. */
function switches(of = dataDir): ContestRecord[] {
  const lines = readFileSync(join(of, 'contests.jsonl'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line))
}

describe('train', () => {
  it('trains a model for every target of the history on disk, and says what came of it', async () => {
    const { code, stdout, stderr } = await run('train')

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [head, ...lines] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/model +rows +epochs +training loss +validation loss +threshold/)
    expect(lines.map((line) => line.split(/ +/)[0])).toEqual(['web-1@node/1', 'web-2@node/1'])
    for (const line of lines)
      expect(
        line
          .split(/ +/)
          .slice(1)
          .every((cell) => Number(cell) > 0),
      ).toBe(true)
  })

  it('trains the named target alone', async () => {
    const { code, stdout } = await run('train', '--target', 'web-2@node', '--force')

    expect(code).toBe(0)
    expect(stdout).toContain('web-2@node/2')
    expect(stdout).not.toContain('web-1@node')
  })

  it('says which targets there are when one is not among them', async () => {
    const { code, stderr } = await run('train', '--target', 'web-9@node')

    expect(code).toBe(2)
    expect(stderr).toBe('homeostat: there is no target web-9@node; there are: web-1@node, web-2@node\n')
  })

  it('says how much history there is and how much is needed', async () => {
    const long = settings('long.yaml', { train: { min_history: '2h', history: '3h' } })

    const { code, stderr } = await runCommand(['train', '--config', long])

    expect(code).toBe(1)
    expect(stderr).toMatch(/web-1@node has 44m\S* of history, 2h are needed \(train\.min_history\)/)
  })

  it('says so where there is no history at all', async () => {
    const empty = settings('empty.yaml', { data_dir: join(dir, 'empty') })

    const { code, stderr } = await runCommand(['train', '--config', empty])

    expect(code).toBe(1)
    expect(stderr).toMatch(/there is no history in .*empty.*homeostat run/)
  })

  it('says so where nothing can be written, or Prometheus does not answer', async () => {
    const blocked = join(dir, 'a-file')
    writeFileSync(blocked, '')

    const unwritable = await run('train', '--data-dir', join(blocked, 'data'))
    const gone = await runCommand(['train', '--data-dir', dataDir], { env: { PROMETHEUS_URL: 'http://127.0.0.1:1' } })

    expect(unwritable.code).toBe(2)
    expect(unwritable.stderr).toContain('data directory')
    expect(gone.code).toBe(1)
    expect(gone.stderr).toContain('127.0.0.1:1')
  })
})

describe('train beside a model in force', () => {
  const own = () => join(dir, 'contested')
  let strict: string
  const train = (file: string, ...args: string[]) =>
    runCommand(['train', '--config', file, '--data-dir', own(), ...args])

  beforeAll(async () => {
    strict = settings('strict.yaml', { train: { margin: '40%' } })
    await makeHistory({ dataDir: own(), targets: ['web-3'], until: UNTIL, rows: ROWS, stepMs: STEP })
    await train(config)
  })

  /** As if the model in force had been trained half an hour ago, on rows that meant something else or not. */
  async function age(model: (file: ModelFile) => ModelFile): Promise<void> {
    const store = createModelStore(join(own(), 'models'))
    const [newest] = await store.newest()
    if ('problem' in newest) throw new Error(newest.problem)
    const at = (minutes: number) => new Date(UNTIL - minutes * 60_000).toISOString()
    const { card, tensors } = model(newest.file)
    await store.save({ tensors, card: { ...card, data: { ...card.data, from: at(75), to: at(30) } } })
  }

  it('leaves the model in force as long as there is nothing to judge a new one on', async () => {
    const { code, stdout, stderr } = await train(config)

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/web-3@node: web-3@node\/1 stays in force: too few rows are newer/)
    expect(existsSync(join(own(), 'contests.jsonl'))).toBe(false)
  })

  it('says both figures, and leaves the model in force where the new one is not better', async () => {
    await age((file) => file)

    const { code, stdout } = await train(strict)

    expect(code).toBe(0)
    expect(stdout).toMatch(
      /web-3@node\/2 stays in force: loss [\d.e-]+ of the new model, [\d.e-]+ of the old one, on 36 rows/,
    )
    expect(stdout).toContain('lower by 40 % (train.margin), or with --force')
    const [record] = switches(own())
    expect(record).toMatchObject({ champion: 'web-3@node/2', rows: 36, taken_over: false, by: 'train', reason: null })
    expect(record.challenger_loss).toBeGreaterThan(0.6 * record.champion_loss!)
  })

  it('takes over all the same with --force, and keeps both figures on the card', async () => {
    const { code, stdout } = await train(strict, '--force')

    expect(code).toBe(0)
    expect(stdout).toMatch(/the new model takes over from web-3@node\/2: taken over by --force; loss/)
    const record = switches(own()).at(-1)!
    expect(record).toMatchObject({ champion: 'web-3@node/2', taken_over: true, reason: 'taken over by --force' })
    const { stdout: shown } = await runCommand(['model', 'show', 'web-3@node', '--config', config, '--data-dir', own()])
    expect(shown).toMatch(/^took over +from web-3@node\/2 with a loss of/m)
  })

  it('takes over where the new one is better', async () => {
    await age(({ card, tensors }) => ({
      card,
      tensors: { ...tensors, autoencoder: tensors['autoencoder'].map(() => 1) },
    }))

    const { stdout } = await train(config)

    expect(stdout).toMatch(/the new model takes over from web-3@node\/4: loss/)
    const record = switches(own()).at(-1)!
    expect(record).toMatchObject({ champion: 'web-3@node/4', taken_over: true, reason: null })
    expect(record.challenger_loss).toBeLessThan(record.champion_loss!)
  })

  it('keeps the figures of the contest where its outcome is rolled back', async () => {
    const won = switches(own()).at(-1)!

    await runCommand(['model', 'rollback', 'web-3@node', '--to', '4', '--config', config, '--data-dir', own()])

    expect(switches(own()).at(-1)).toMatchObject({
      champion: 'web-3@node/5',
      champion_loss: won.challenger_loss,
      challenger_loss: won.champion_loss,
      by: 'rollback',
    })
  })
})

it('takes a newcomer into the model of its group, which stays in force', async () => {
  const own = join(dir, 'grouped')
  const grouped = settings('grouped.yaml', { data_dir: own, train: { scope: 'group' } })
  await makeHistory({ dataDir: own, targets: ['web-4'], until: UNTIL, rows: ROWS, stepMs: STEP })
  await runCommand(['train', '--config', grouped])
  rmSync(join(own, 'history'), { recursive: true })
  await makeHistory({ dataDir: own, targets: ['web-4', 'web-5'], until: UNTIL, rows: ROWS, stepMs: STEP })

  const { code, stdout, stderr } = await runCommand(['train', '--config', grouped])

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('group:node: group:node/1 stays in force')
  const shown = await runCommand(['model', 'show', 'group:node', '--json', '--config', grouped])
  expect(JSON.parse(shown.stdout)).toMatchObject({ version: 2, targets: ['web-4@node', 'web-5@node'] })
})

describe('model', () => {
  it('lists all versions, for people and as JSON', async () => {
    const text = await run('model', 'list')
    const json = await run('model', 'list', '--json')

    expect(text.code).toBe(0)
    expect(text.stdout).toMatch(/web-2@node\/1 .*\nweb-2@node\/2 .*newest/)
    const names = (JSON.parse(json.stdout) as { unit: string; version: number }[]).map((one) => [one.unit, one.version])
    expect(names).toEqual([
      ['web-1@node', 1],
      ['web-2@node', 1],
      ['web-2@node', 2],
    ])
  })

  it('shows a card, the newest one or that of a version', async () => {
    expect((await card('web-2@node')).version).toBe(2)
    expect((await card('web-2@node/1')).features).toEqual([...FEATURES])
    const { stdout } = await run('model', 'show', 'web-2@node')
    expect(stdout).toMatch(/^model +web-2@node\/2$/m)
    expect(stdout).toMatch(/^cleaning +\d+ rows, \d+ cells filled/m)
  })

  it('says which models there are when one is not among them', async () => {
    const unit = await run('model', 'show', 'web-9@node')
    const version = await run('model', 'show', 'web-2@node/7')

    expect([unit.code, version.code]).toEqual([2, 2])
    expect(unit.stderr).toContain('there are: web-1@node, web-2@node')
    expect(version.stderr).toContain('versions on disk: 1, 2')
  })

  it('goes back to the version before, and further with every call', async () => {
    await run('train', '--target', 'web-2@node', '--force')

    const first = await run('model', 'rollback', 'web-2@node')
    const second = await run('model', 'rollback', 'web-2@node')

    expect(first.stdout).toContain('web-2@node/4 is version 2 again')
    expect(second.stdout).toContain('web-2@node/5 is version 1 again')
    expect((await card('web-2@node')).restored_from).toBe(1)
    expect((await run('model', 'rollback', 'web-1@node')).code).toBe(1)
    expect((await run('model', 'rollback', 'web-9@node')).code).toBe(2)
    expect(switches().slice(-2)).toMatchObject([
      { champion: 'web-2@node/3', by: 'rollback', taken_over: true, champion_loss: null, challenger_loss: null },
      { champion: 'web-2@node/4', by: 'rollback', reason: expect.stringMatching(/^version 1 was restored by hand/) },
    ])
  })

  it('exports the network, which computes what ours does, with its scaler', async () => {
    const out = join(dir, 'web-1.tflite')

    const { code, stdout } = await run('model', 'export', 'web-1@node', '--out', out)

    expect(code).toBe(0)
    expect(stdout).toContain(out)
    const [stored] = await createModelStore(join(dataDir, 'models')).newest()
    if ('problem' in stored) throw new Error(stored.problem)
    const { weights } = fromModelFile(stored.file, createPlainKernel()).get('web-1@node')!.model
    const input = Float32Array.from({ length: FEATURES.length }, (_, i) => Math.sin(i))
    const ours = new Float32Array(FEATURES.length)
    weights.autoencoder.infer(1, input, ours)
    const theirs = readTflite(readFileSync(out)).infer(1, input)
    for (const [i, value] of ours.entries()) expect(theirs[i]).toBeCloseTo(value, 5)
    const scaler = JSON.parse(readFileSync(`${out}.json`, 'utf8'))
    expect(scaler.features).toEqual([...FEATURES])
    expect(scaler.targets['web-1@node'].center).toHaveLength(FEATURES.length)
  })

  it('takes a network that was made elsewhere, which then scores as its own file does', async () => {
    const file = join(dir, 'web-1.tflite')

    const { code, stderr } = await run('model', 'import', file, '--scaler', `${file}.json`, '--unit', 'web-2@node')

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { version, imported_from, autoencoder, fingerprint } = await card('web-2@node')
    const before = await card('web-1@node')
    expect(imported_from).toBe('web-1.tflite')
    expect(autoencoder.layers).toEqual(before.autoencoder.layers)
    expect(fingerprint).toBe(before.fingerprint)
    const stored = await createModelStore(join(dataDir, 'models')).list()
    const tensors = (unit: string, wanted: number) => {
      const found = stored.find((one) => one.unit === unit && one.version === wanted)!
      if ('problem' in found) throw new Error(found.problem)
      return found.file.tensors
    }
    const [imported, exported] = [tensors('web-2@node', version), tensors('web-1@node', 1)]
    for (const name of ['autoencoder', 'scaler_minimum', 'scaler_range']) expect(imported[name]).toEqual(exported[name])
  })

  it('takes a network of int8 weights and tanh, which it runs from its own file', async () => {
    const file = join(dir, 'tanh.tflite')
    const bytes = dynamicRangeFile(randomModel([4, 5, 3, 5, 4], 'tanh', 'sigmoid', 1), {
      perChannel: true,
      asymmetricInputs: true,
    })
    const scaler = { features: [...FEATURES].reverse(), minimum: [0, 0, 0, 0], maximum: [1, 1, 10, 50] }
    writeFileSync(file, bytes)
    writeFileSync(`${file}.json`, JSON.stringify(scaler))

    const { code, stdout, stderr } = await run(
      ...['model', 'import', file, '--scaler', `${file}.json`, '--unit', 'web-2@node'],
    )
    const again = join(dir, 'again.tflite')
    await run('model', 'export', 'web-2@node', '--out', again)

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/web-2@node\/7: 4-5-3-5-4, loss on the newest rows [\d.]+\n.*takes over from web-2@node\/6/)
    const { autoencoder } = await card('web-2@node')
    expect(autoencoder.operators).toEqual(['FULLY_CONNECTED', 'TANH', 'LOGISTIC'])
    expect(switches().at(-1)).toMatchObject({
      ...{ champion: 'web-2@node/6', by: 'import', taken_over: true, champion_loss: null, challenger_loss: null },
      reason: 'imported by hand; too few rows are newer than the model in force',
    })
    expect(new Uint8Array(readFileSync(again))).toEqual(bytes)
    expect(JSON.parse(readFileSync(`${again}.json`, 'utf8')).features).toEqual(scaler.features)
    const { stdout: shown } = await run('model', 'show', 'web-2@node')
    expect(shown).toMatch(/^layers +4-5-3-5-4, run as its file says \(FULLY_CONNECTED, TANH, LOGISTIC\)/m)
  })

  it('refuses an op that it cannot run, by its name', async () => {
    const file = join(dir, 'softmax.tflite')
    const tensors = ['input', 'output'].map((name) => ({ name, shape: [1, 4], type: TYPE.float32 }))
    const operators = [{ code: 25, version: 1, inputs: [0], outputs: [1] }]
    writeFileSync(file, encodeGraph({ name: '', description: '', tensors, operators, inputs: [0], outputs: [1] }))

    const { code, stderr } = await run(
      ...['model', 'import', file, '--scaler', join(dir, 'tanh.tflite.json'), '--unit', 'web-2@node'],
    )

    expect(code).toBe(2)
    expect(stderr).toContain('op SOFTMAX is not supported')
  })

  it('refuses to import what is no network, or one for a target that is not there', async () => {
    const file = join(dir, 'web-1.tflite')
    const scaler = `${file}.json`

    const other = await run('model', 'import', config, '--scaler', scaler, '--unit', 'web-2@node')
    const gone = await run('model', 'import', join(dir, 'no.tflite'), '--scaler', scaler, '--unit', 'web-2@node')
    const strange = await run('model', 'import', file, '--scaler', scaler, '--unit', 'web-9@node')

    expect([other.code, gone.code, strange.code]).toEqual([2, 2, 2])
    expect(other.stderr).toMatch(/good\.yaml: not a \.tflite file/)
    expect(gone.stderr).toContain('no.tflite: there is no such')
    expect(strange.stderr).toContain('there is no target web-9@node')
  })

  it('shows a damaged file as such, with the reason', async () => {
    const folder = readdirSync(join(dataDir, 'models')).find((name) => name.includes('web-1'))!
    appendFileSync(join(dataDir, 'models', folder, '000001.model'), 'x')

    const list = await run('model', 'list')
    const show = await run('model', 'show', 'web-1@node')

    expect(list.code).toBe(0)
    expect(list.stdout).toMatch(/web-1@node\/1 .*refused: the checksum does not match/)
    expect(show.code).toBe(1)
    expect(show.stderr).toContain('checksum')
  })

  it('has nothing to list in an empty directory', async () => {
    const { code, stdout } = await run('model', 'list', '--data-dir', join(dir, 'nothing-here'))

    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('no models') })
  })
})

describe('train --tune', () => {
  it('goes on after a kill, and keeps what was tried in the card of a model that the daemon uses', async () => {
    const state = join(dataDir, 'tuning', 'web-1%40node.json')
    const losses = () => {
      const { trials } = JSON.parse(readFileSync(state, 'utf8')) as { trials: { validation_losses: number[] }[] }
      return trials.flatMap(({ validation_losses }) => validation_losses)
    }
    const main = join(import.meta.dirname, '../../dist/main.js')
    const args = ['train', '--tune', '--force', '--target', 'web-1@node', '--config', config]
    const child = spawn(process.execPath, [main, ...args], { stdio: 'ignore' })
    await until(() => existsSync(state) && losses().length >= 1, { what: 'a run', withinMs: 15_000, everyMs: 5 })
    child.kill('SIGKILL')
    const before = losses()
    expect(before.length).toBeLessThan(20)

    const { code, stdout, stderr } = await runCommand(args)

    expect(code).toBe(0)
    expect(stderr).toMatch(/going on with the search of/)
    expect(stdout).toMatch(/best of 10 networks: layers \d+-\d+-\d+, learning rate 0\.0*1,/)
    expect(existsSync(state)).toBe(false)
    const { tuning, autoencoder } = await card('web-1@node')
    const tried = tuning!.trials.flatMap(({ validation_losses }) => validation_losses)
    expect(tried).toHaveLength(20)
    expect(tried).toEqual(expect.arrayContaining(before))
    expect(autoencoder.layers.slice(1, -1)).toEqual(tuning!.chosen.hidden)

    const daemon = await startDaemon({ config: parse(readFileSync(config, 'utf8')) })
    try {
      await daemon.ready()
      expect(daemon.logs()).not.toMatch(/another configuration/)
    } finally {
      await daemon.stop()
    }
  })
})

describe('dataset', () => {
  const from = new Date(UNTIL - (ROWS - 1) * STEP).toISOString()
  const to = new Date(UNTIL).toISOString()

  it('writes the features raw and scaled, and what cleaning did', async () => {
    const out = join(dir, 'dataset')

    const { code, stdout } = await run('dataset', '--from', from, '--to', to, '--out', out)

    expect(code).toBe(0)
    expect(stdout).toContain(`wrote ${2 * ROWS} rows of 2 targets`)
    expect(readdirSync(out).sort()).toEqual(['cleaning-report.json', 'features.csv', 'features_scaled.csv'])
    for (const name of ['features.csv', 'features_scaled.csv']) {
      const [header, ...lines] = readFileSync(join(out, name), 'utf8').trimEnd().split('\n')
      expect(header).toBe(['timestamp', 'target', ...FEATURES].join(','))
      expect(lines).toHaveLength(2 * ROWS)
      const cells = lines.flatMap((line) => line.split(',').slice(2))
      expect(cells).not.toContain('')
      if (name === 'features_scaled.csv')
        expect(cells.every((cell) => Number(cell) >= 0 && Number(cell) <= 1)).toBe(true)
    }
    const report = JSON.parse(readFileSync(join(out, 'cleaning-report.json'), 'utf8'))
    expect(report).toMatchObject({ rows: 2 * ROWS, forward_filled: ROWS / 5, median_filled: 0, left_empty: 0 })
    expect(report.features.load1_per_core.forward_filled).toBe(ROWS / 5)
  })

  it('refuses what it cannot do', async () => {
    mkdirSync(join(dir, 'ds'), { recursive: true })
    const none = await run('dataset', '--from', '2020-01-01', '--to', '2020-01-02', '--out', join(dir, 'ds'))
    const wrong = await run('dataset', '--from', 'yesterday', '--to', to, '--out', join(dir, 'ds'))
    const turned = await run('dataset', '--from', to, '--to', from, '--out', join(dir, 'ds'))
    const blocked = await run('dataset', '--from', from, '--to', to, '--out', join(config, 'ds'))

    expect([none.code, wrong.code, turned.code, blocked.code]).toEqual([1, 2, 2, 2])
    expect(none.stderr).toMatch(/holds no reading between 2020-01-01/)
    expect(wrong.stderr).toContain('--from')
    expect(turned.stderr).toContain('--from must be earlier than --to')
    expect(blocked.stderr).toContain('good.yaml')
  })
})
