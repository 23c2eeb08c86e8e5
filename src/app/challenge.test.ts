import { describe, expect, it, vi } from 'vitest'
import type { ModelCard } from '../domain/model-file.ts'
import type { StoredModel } from '../store/models/model-store.ts'
import { fingerprintOf } from '../train/model-codec.ts'
import { hostHistory, NAMES, QUICK_FIT, START } from '../train/testing/hosts.ts'
import { challenge, contestRecord, unused } from './challenge.ts'
import type { FitJob } from './train-worker.ts'

const MINUTE = 60_000
const UNIT = 'a@node'
const ROWS = 400
const RULES = { fit: QUICK_FIT, margin: 0.02 }
const NOW = START + ROWS * MINUTE

const JOB: FitJob = {
  sets: new Map([[UNIT, hostHistory(1, { rows: ROWS })]]),
  teachers: [UNIT],
  options: QUICK_FIT,
  origin: {
    ...{ unit: UNIT, scope: 'host', createdAt: NOW, fromMs: START, toMs: NOW, stepMs: MINUTE },
    cleaning: { rows: ROWS, forwardFilled: 0, missing: 0, droppedRows: 0 },
  },
}

/** A model in force that knows the rows up to `knownRows`. */
function champion(knownRows: number, changes: Partial<ModelCard> = {}): StoredModel {
  const data = {
    from: new Date(START).toISOString(),
    to: new Date(START + (knownRows - 1) * MINUTE).toISOString(),
  }
  const fingerprint = fingerprintOf(NAMES, QUICK_FIT)
  const card = { unit: UNIT, features: NAMES, data, fingerprint, ...changes } as unknown as ModelCard
  return { unit: UNIT, version: 3, path: '', file: { card, tensors: {} } }
}

const losing = async () => ({ championLoss: 1, challengerLoss: 0.99, rows: 60 })
const winning = async () => ({ championLoss: 1, challengerLoss: 0.9, rows: 60 })
const impossible = async () => expect.unreachable('there is nothing to judge on')

describe('a new model', () => {
  it('takes over when it is better by the margin, and not when it is better by less', async () => {
    const won = await challenge(champion(250), JOB, RULES, winning)
    const lost = await challenge(champion(250), JOB, RULES, losing)

    expect(won).toEqual({
      takesOver: true,
      champion: 'a@node/3',
      figures: { champion: 'a@node/3', champion_loss: 1, challenger_loss: 0.9, rows: 60 },
      reason: undefined,
    })
    expect(lost).toMatchObject({ takesOver: false, figures: { challenger_loss: 0.99 } })
  })

  it('is judged on rows that the model in force was not trained on', async () => {
    const hold = vi.fn(winning)

    await challenge(champion(250), JOB, RULES, hold)

    const known = START + 249 * MINUTE
    const newest = START + (ROWS - 1) * MINUTE
    expect(hold).toHaveBeenCalledWith(expect.objectContaining({ heldFrom: newest - 0.3 * (newest - known) }))
  })

  it.each([
    ['cannot be read', { unit: UNIT, version: 3, path: '', problem: 'torn' } satisfies StoredModel],
    ['is of another configuration', champion(250, { fingerprint: 'other' })],
    ['twice the history', champion(100)],
  ])('takes over without a contest where the model before %s', async (why, stored) => {
    const ruling = await challenge(stored, JOB, RULES, impossible)

    expect(ruling).toMatchObject({ takesOver: true, champion: 'a@node/3', figures: undefined })
    expect(ruling.reason).toContain(why)
  })

  it('does not take over while there are too few rows to judge on, or nobody to judge', async () => {
    const early = await challenge(champion(ROWS - 10), JOB, RULES, impossible)
    const nobody = async () => ({ championLoss: Number.NaN, challengerLoss: Number.NaN, rows: 0 })
    const strangers = await challenge(champion(250), JOB, RULES, nobody)

    expect(early).toMatchObject({ takesOver: false, reason: 'too few rows are newer than the model in force' })
    expect(strangers).toMatchObject({ takesOver: false, figures: undefined, reason: expect.stringContaining('common') })
  })

  it('takes the place of one that is not in use', () => {
    expect(unused(champion(250), UNIT, QUICK_FIT)).toMatchObject({
      takesOver: true,
      reason: expect.stringMatching('use'),
    })
  })
})

describe('the record of a switch', () => {
  it('holds both figures, or null and the reason', async () => {
    const won = await challenge(champion(250), JOB, RULES, winning)
    const free = await challenge(champion(100), JOB, RULES, impossible)
    const made = { at: NOW, unit: UNIT, by: 'schedule' } as const

    expect(contestRecord(won, made)).toEqual({
      ...{ at: new Date(NOW).toISOString(), unit: UNIT, champion: 'a@node/3', by: 'schedule' },
      ...{ champion_loss: 1, challenger_loss: 0.9, rows: 60, taken_over: true, reason: null },
    })
    expect(contestRecord(free, made)).toMatchObject({
      ...{ champion_loss: null, challenger_loss: null, rows: 0, taken_over: true },
      reason: 'the new model has twice the history',
    })
  })
})
