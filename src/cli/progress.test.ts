import { describe, expect, it } from 'vitest'
import { createProgress, lossText, progressLine } from './progress.ts'

function terminal(isTTY: boolean, columns = 80) {
  const written: string[] = []
  return { isTTY, columns, written, write: (text: string) => written.push(text) }
}

describe('createProgress', () => {
  it('writes over its own line, and takes it away in the end', () => {
    const tty = terminal(true)
    const progress = createProgress(tty)

    progress.show('one')
    progress.show('two')
    progress.clear()
    progress.clear()

    expect(tty.written).toEqual(['\r\u001B[2Kone', '\r\u001B[2Ktwo', '\r\u001B[2K'])
  })

  it('leaves out what would wrap, because a wrapped line cannot be written over', () => {
    const tty = terminal(true, 10)

    createProgress(tty).show('0123456789abc')

    expect(tty.written).toEqual(['\r\u001B[2K012345678'])
  })

  it('is silent where nobody watches', () => {
    const file = terminal(false)
    const progress = createProgress(file)

    progress.show('one')
    progress.clear()

    expect(file.written).toEqual([])
  })
})

describe('progressLine', () => {
  it('fills the bar by the share that is done', () => {
    expect(progressLine('web-1', 25, 100, 'loss 1')).toBe('web-1  [######------------------]   25/100  loss 1')
    expect(progressLine('web-1', 100, 100)).toBe('web-1  [########################]  100/100')
  })
})

it('tells the validation loss where there is one', () => {
  expect(lossText(0.123456, Number.NaN)).toBe('loss 0.123')
  expect(lossText(0.123456, 2)).toBe('loss 0.123, validation 2.00')
})
