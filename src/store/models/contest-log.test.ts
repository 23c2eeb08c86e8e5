import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type ContestRecord, createContestLog } from './contest-log.ts'

const record = (unit: string, rows: number): ContestRecord => ({
  at: '2026-11-21T12:00:00.000Z',
  unit,
  champion: `${unit}/1`,
  champion_loss: 0.5,
  challenger_loss: 0.4,
  rows,
  taken_over: true,
  by: 'schedule',
  reason: null,
})

function logPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'contests-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return join(directory, 'contests.jsonl')
}

it('gives the newest contests of one unit, newest first', async () => {
  const log = createContestLog(logPath())
  for (const [unit, rows] of [
    ['a@node', 1],
    ['b@node', 2],
    ['a@node', 3],
    ['a@node', 4],
  ] as const)
    await log.append(record(unit, rows))

  const newest = await log.newest('a@node', 2)

  expect(newest.map(({ rows }) => rows)).toEqual([4, 3])
})

it('has none where nothing was written, and passes over a line that was cut off', async () => {
  const path = logPath()
  const log = createContestLog(path)
  expect(await log.newest('a@node', 10)).toEqual([])

  await log.append(record('a@node', 1))
  appendFileSync(path, '{"at":"2026-11-21T12:00:00.000Z","unit":"a@node","cham')

  expect(await log.newest('a@node', 10)).toHaveLength(1)
})
