import { blockListOf, pinAddress, type Resolve, resolveHost } from '../act/http/address.ts'
import type { Config } from '../config/resolve.ts'
import type { Notifier } from '../notify/notifier.ts'
import { createPost } from '../notify/post.ts'
import { EffectError } from '../pipeline/effects.ts'
import { NotifyError } from '../pipeline/receivers.ts'
import type { Clock } from '../platform/clock.ts'
import type { Environment } from '../platform/environment.ts'
import type { Logger } from '../platform/logger.ts'
import { readSecret, SecretError } from '../platform/secrets.ts'
import { notifiers } from './registry.ts'

export interface NotifierDependencies {
  readonly clock: Clock
  readonly environment: Environment
  readonly logger: Logger
  /** The network and name resolution; the real ones unless given. */
  readonly fetch?: typeof fetch
  readonly resolve?: Resolve
}

export interface NamedNotifier {
  readonly name: string
  readonly notifier: Notifier
}

/** The receivers of the configuration. Nothing is connected to, and no library loaded, before its first message. */
export function createNotifiers(config: Config, dependencies: NotifierDependencies): readonly NamedNotifier[] {
  const { clock, environment, logger, resolve = resolveHost } = dependencies
  return config.notifications.receivers.map((receiver) => {
    const { name } = receiver
    const definition = definitionOf(receiver)
    const notifier = definition.create((receiver as Readonly<Record<string, unknown>>)[definition.kind], {
      name,
      clock,
      logger: logger.child({ component: `notify ${name}` }),
      fetch: dependencies.fetch ?? fetch,
      post: createPost(pinFor(name, resolve), clock.now),
      readFile: environment.readFile,
      resolveSecret: (reference) => {
        try {
          return readSecret(reference, environment)
        } catch (error) {
          if (error instanceof SecretError) throw new NotifyError('auth', error.message)
          throw error
        }
      },
    })
    return { name, notifier }
  })
}

/** Of what kind a receiver is: `telegram`, `email`. */
export function kindOf(receiver: Config['notifications']['receivers'][number]): string {
  return definitionOf(receiver).kind
}

function definitionOf(receiver: Config['notifications']['receivers'][number]) {
  const kinds: Readonly<Record<string, unknown>> = receiver
  const definition = notifiers.find(({ kind }) => kinds[kind] !== undefined)
  if (definition === undefined) throw new RangeError(`the receiver ${receiver.name} is of no kind that is known`)
  return definition
}

/** The same judgement as for the requests of actions. */
function pinFor(name: string, resolve: Resolve) {
  return async (url: URL, allowed: readonly string[]) => {
    try {
      return await pinAddress(url, blockListOf(allowed), resolve)
    } catch (error) {
      if (!(error instanceof EffectError)) throw error
      if (error.reason !== 'invalid') throw new NotifyError('unavailable', error.message)
      const message = `the host ${url.hostname} has no public address: list its address in allow_addresses of the receiver ${name} if it is meant`
      throw new NotifyError('rejected', message)
    }
  }
}
