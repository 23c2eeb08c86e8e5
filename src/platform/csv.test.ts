import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CsvRow, openCsv, readCsv } from './csv.ts'
import { csvRecords } from './csv-records.ts'
import { parseTimestamp } from './csv-timestamp.ts'
import { createCsv, csvLine } from './csv-writer.ts'

async function* pieces(text: string, size = text.length || 1) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

async function read(text: string) {
  const table = await readCsv('in.csv', pieces(text))
  const rows: CsvRow[] = []
  for await (const row of table.rows) rows.push(row)
  return { table, rows, values: rows.map((row) => Array.from(row.values)) }
}

describe('reading CSV', () => {
  it('reads a header, quotes, CRLF, a byte order mark and a last line without an end', async () => {
    const { table, values } = await read('\uFEFFcpu,"mem, ""used"""\r\n1,"2.5"\r\n\r\n-3e2,4')

    expect(table.columns).toEqual(['cpu', 'mem, "used"'])
    expect(values).toEqual([
      [1, 2.5],
      [-300, 4],
    ])
  })

  it('makes NaN of what is no number, and counts it by column', async () => {
    const { table, values } = await read('a,b,c\n1,,x\nNaN, 2 ,Infinity\n,0x10,3\n')

    expect(values).toEqual([
      [1, Number.NaN, Number.NaN],
      [Number.NaN, 2, Number.NaN],
      [Number.NaN, 16, 3],
    ])
    expect(Array.from(table.empty)).toEqual([1, 1, 0])
    expect(Array.from(table.notNumbers)).toEqual([1, 0, 2])
  })

  it('takes the timestamp column out of the numbers, wherever it stands', async () => {
    const { table, rows } = await read('a,timestamp,b\n1,2026-11-21T10:00:00Z,2\n3,1795255260,4\n')

    expect(table.columns).toEqual(['a', 'b'])
    expect(rows.map((row) => row.at)).toEqual([Date.UTC(2026, 10, 21, 10), 1795255260_000])
    expect(Array.from(rows[1].values)).toEqual([3, 4])
  })

  it.each([
    ['', 'in.csv:1: the file is empty'],
    ['a,,c\n', 'in.csv:1: column 2 has no name'],
    ['a,b,a\n', 'in.csv:1: two columns are named "a"'],
    ['timestamp\n', 'in.csv:1: the header names no column'],
    ['a,b\n1,2\n3\n', 'in.csv:3: 1 cells where the header has 2'],
    ['a,"b\nb"\n1,2\n3,4,5\n', 'in.csv:4: 3 cells where the header has 2'],
    ['timestamp,a\nyesterday,1\n', 'in.csv:2: "yesterday" is no timestamp'],
    ['a\n"1\n2\n', 'in.csv:2: a quote is opened here and never closed'],
    ['a,b\n"1"x,2\n', 'in.csv:2: text after a closing quote'],
    ['a,b\n1"x,2\n', 'in.csv:2: a quote inside the bare field'],
  ])('refuses %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })

  it('reads back what was written, however the text is cut', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'ü', '1') })
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 })

    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 20 }), async (rows, size) => {
        const seen: (readonly string[])[] = []
        for await (const record of csvRecords('in.csv', pieces(rows.map(csvLine).join(''), size)))
          seen.push(record.fields)
        expect(seen).toEqual(rows)
      }),
    )
  })
})

describe('timestamps', () => {
  it.each([
    ['2026-11-21T10:00:00Z', Date.UTC(2026, 10, 21, 10)],
    ['2026-11-21T10:00:00.250+01:00', Date.UTC(2026, 10, 21, 9, 0, 0, 250)],
    ['2026-11-21 10:00', Date.UTC(2026, 10, 21, 10)],
    ['2026-11-21', Date.UTC(2026, 10, 21)],
    ['2026-11-21T10:00:00+0130', Date.UTC(2026, 10, 21, 8, 30)],
    ['1795255260', 1795255260_000],
    ['1795255260.5', 1795255260_500],
    ['1795255260123', 1795255260_123],
    ['0', 0],
  ])('reads %s', (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected)
  })

  it.each(['', 'now', '21.11.2026', '2026-13-01', '-5', '10:00'])('does not guess at %j', (text) => {
    expect(parseTimestamp(text)).toBeNaN()
  })
})

describe('CSV files', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homeostat-csv-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('come back as they were written, 100,000 rows at a slow disk or not', async () => {
    const file = join(folder, 'scores.csv')
    const writer = await createCsv(file, ['row', 'score', 'top'])
    for (let row = 0; row < 100_000; row++)
      await writer.write([row, row % 10 === 0 ? Number.NaN : row / 8, 'cpu;"a,b"'])
    await writer.close()

    const table = await openCsv(file)
    let rows = 0
    for await (const { values } of table.rows) {
      expect(values[0]).toBe(rows)
      if (rows % 10 !== 0 && values[1] !== rows / 8) throw new Error(`row ${rows} came back as ${values[1]}`)
      rows++
    }

    expect(rows).toBe(100_000)
    expect(Array.from(table.empty)).toEqual([0, 10_000, 0])
    expect(Array.from(table.notNumbers)).toEqual([0, 0, 100_000])
  })

  it('name the file in an error of the file system', async () => {
    const missing = join(folder, 'no', 'such.csv')

    await expect(openCsv(missing)).rejects.toThrow(missing)
    await expect(createCsv(missing, ['a'])).rejects.toThrow(missing)
  })

  it('are refused where they are not UTF-8', async () => {
    const file = join(folder, 'latin1.csv')
    writeFileSync(file, Buffer.from('a,b\n1,2\n\xfc,3\n', 'latin1'))

    await expect(
      (async () => {
        for await (const _ of (await openCsv(file)).rows);
      })(),
    ).rejects.toThrow(/latin1\.csv:\d+: not UTF-8/)
  })

  it('refuse a row that does not fit the header', async () => {
    const file = join(folder, 'out.csv')
    const writer = await createCsv(file, ['a', 'b'])

    await expect(writer.write([1])).rejects.toThrow(RangeError)
    await writer.write([1, 'x'])
    await writer.close()
    expect(readFileSync(file, 'utf8')).toBe('a,b\n1,x\n')
  })
})
