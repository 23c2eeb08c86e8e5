import { describe, expect, it } from 'vitest'
import type { Logger } from '../platform/logger.ts'
import { createTroubleLog } from './troubles.ts'

function recordingLogger() {
  const lines: string[] = []
  const write = (level: string) => (fields: object | string, message?: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
  }
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  }
  return { logger, lines }
}

describe('trouble that lasts', () => {
  it('is told when it begins, when it becomes another, and when it is over', () => {
    const { logger, lines } = recordingLogger()
    const trouble = createTroubleLog(logger, { begun: 'failed', over: 'well again' })

    trouble.say(undefined, {})
    for (const kind of ['timeout', 'timeout', 'auth', 'auth', undefined, undefined]) trouble.say(kind, { kind })

    expect(lines).toEqual(['warn failed {"kind":"timeout"}', 'warn failed {"kind":"auth"}', 'info well again {}'])
  })
})
