import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/logger.ts'
import { Secret } from '../../platform/secrets.ts'
import type { NotifierContext } from '../notifier.ts'
import { createPost } from '../post.ts'

export const SECRET = 'hunter2-of-the-tests'

/** A context whose secrets are all the same, whose network is the real one on loopback, and whose log can be read. */
export function testContext(
  change: Partial<NotifierContext> = {},
): NotifierContext & { readonly logged: () => string } {
  const lines: string[] = []
  return {
    name: 'oncall',
    clock: systemClock,
    logger: createLogger('debug', { write: (line: string) => void lines.push(line) }),
    fetch,
    post: createPost(async () => ({ address: '127.0.0.1', family: 4 }), systemClock.now),
    resolveSecret: () => new Secret(SECRET),
    readFile: () => '',
    ...change,
    logged: () => lines.join(''),
  }
}
