/** A line on a terminal that is written over as work goes on. Where there is no terminal it says nothing. */
export interface Progress {
  /** @param text one line; the end of what does not fit is left out */
  show(text: string): void
  /** Takes the line away, so that something else can be written. */
  clear(): void
}

/** A stream that may be a terminal; `process.stderr` is one. */
export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const BAR = 24
const ERASE = '\r\u001B[2K'

export function createProgress(terminal: Terminal = process.stderr): Progress {
  if (terminal.isTTY !== true) return { show() {}, clear() {} }
  let shown = false
  return {
    show(text) {
      // A line that wraps could not be written over.
      terminal.write(ERASE + text.slice(0, (terminal.columns ?? 80) - 1))
      shown = true
    },
    clear() {
      if (shown) terminal.write(ERASE)
      shown = false
    },
  }
}

/** `web-1@node  [######------------------]  25/100  loss 0.0123` */
export function progressLine(label: string, done: number, total: number, detail = ''): string {
  const filled = Math.round((BAR * Math.min(done, total)) / Math.max(1, total))
  const bar = '#'.repeat(filled) + '-'.repeat(BAR - filled)
  const count = `${String(done).padStart(String(total).length)}/${total}`
  return [label, `[${bar}]`, count, detail].filter((part) => part !== '').join('  ')
}

/** The losses of an epoch, as they stand in a progress line. */
export function lossText(training: number, validation: number): string {
  const judged = Number.isNaN(validation) ? '' : `, validation ${validation.toPrecision(3)}`
  return `loss ${training.toPrecision(3)}${judged}`
}
