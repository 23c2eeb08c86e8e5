import { describe, expect, it } from 'vitest'
import { createLogger, type LogLevel } from './logger.ts'
import { Secret } from './secrets.ts'

function record(level: LogLevel = 'debug') {
  const lines: string[] = []
  const logger = createLogger(level, { write: (line: string) => lines.push(line) })
  return { logger, lines, entries: () => lines.map((line) => JSON.parse(line)) }
}

describe('createLogger', () => {
  it('writes one JSON line per event, with the component', () => {
    const { logger, entries } = record()

    logger.child({ component: 'observe' }).info({ targets: 3 }, 'observed')

    expect(entries()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        component: 'observe',
        targets: 3,
        msg: 'observed',
      },
    ])
  })

  it('leaves out what is below its level', () => {
    const { logger, lines } = record('warn')

    logger.info('quiet')
    logger.warn({}, 'loud')

    expect(lines).toHaveLength(1)
  })

  it('never writes a secret', () => {
    const { logger, lines } = record()

    logger.info(
      { password: 'hunter2', request: { headers: { authorization: 'Bearer hunter2', Cookie: 'hunter2' } } },
      'a',
    )
    logger.info({ key: new Secret('hunter2') }, 'b')
    logger.error({ err: new Error('get http://me:hunter2@p:9090/?token=hunter2 failed') }, 'c')
    logger.child({ component: 'd' }).warn({ config: { token: 'hunter2' } }, 'http://me:hunter2@p/')

    expect(lines).toHaveLength(4)
    expect(lines.join('')).not.toContain('hunter2')
  })

  it('keeps one event on one line, whatever its text', () => {
    const { logger, lines } = record()

    logger.info({ label: 'a\n{"level":"error"}' }, 'line\nend\u2028')

    expect(lines.join('').trimEnd().split('\n')).toHaveLength(1)
  })
})
