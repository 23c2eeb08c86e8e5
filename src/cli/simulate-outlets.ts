import { systemEnvironment } from '../platform/environment.ts'
import { readSecret, SecretError } from '../platform/secrets.ts'
import { createOutlet } from '../simulate/outlet.ts'
import { createPush } from '../simulate/push.ts'
import { createPushgateway } from '../simulate/pushgateway.ts'
import type { ServiceDefinition } from '../simulate/service.ts'
import type { ServiceTotals } from '../simulate/traffic.ts'
import type { ServiceReading } from '../simulate/world.ts'
import { UsageError } from './exit.ts'
import { type SimulateOptions, serverUrl } from './simulate-options.ts'

/** Where every tick goes. */
export interface Outlets {
  emit(readings: readonly ServiceReading[], totals: readonly ServiceTotals[]): void
  /** Waits for what is under way, and leaves nothing behind in a Pushgateway. */
  close(deadline: AbortSignal): Promise<void>
}

/** @throws {UsageError} for a URL or a token that cannot be used */
export function createOutlets(
  options: SimulateOptions,
  services: readonly ServiceDefinition[],
  warn: (message: string) => void,
): Outlets {
  const report = { failed: warn, worksAgain: warn }
  const pushUrl = serverUrl('--push', options.push)
  const gatewayUrl = serverUrl('--pushgateway', options.pushgateway)
  const gateway = gatewayUrl === undefined ? undefined : createPushgateway(gatewayUrl, fetch)
  const put = gateway && createOutlet(`Pushgateway ${gatewayUrl}`, gateway.put, report)
  const push =
    pushUrl === undefined ? undefined : createOutlet(`push to ${pushUrl}`, pushOf(options, pushUrl, services), report)
  // After the last of them nothing may put the groups back.
  const clear = async (deadline: AbortSignal) => {
    await put?.close(deadline)
    await gateway
      ?.clear(deadline)
      .catch((error: Error) => warn(`the Pushgateway keeps the last readings: ${error.message}`))
  }
  return {
    emit(readings, totals) {
      push?.send(readings)
      put?.send(totals)
    },
    async close(deadline) {
      await Promise.all([push?.close(deadline), clear(deadline)])
    },
  }
}

function pushOf({ tokenFile }: SimulateOptions, url: string, services: readonly ServiceDefinition[]) {
  const token = tokenFile === undefined ? undefined : () => readSecret({ file: tokenFile }, systemEnvironment)
  try {
    token?.()
  } catch (error) {
    if (error instanceof SecretError) throw new UsageError(`--token-file: ${error.message}`)
    throw error
  }
  return createPush({ url, services, token, send: fetch })
}
