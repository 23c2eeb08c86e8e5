import { resolve } from 'node:path'
import type { ParsedConfig } from './schema.ts'

/** The section `notifications` with the files that receivers name found from the directory of the configuration file. */
export function withNotificationPaths(
  { notifications }: Pick<ParsedConfig, 'notifications'>,
  directory: string | undefined,
): Pick<ParsedConfig, 'notifications'> {
  if (directory === undefined) return { notifications }
  const receivers = notifications.receivers.map((receiver) => found(receiver, directory) as typeof receiver)
  return { notifications: { ...notifications, receivers } }
}

/** Every key that ends in `_file`, however deep, names a path. */
function found(value: unknown, directory: string): unknown {
  if (Array.isArray(value)) return value.map((one) => found(one, directory))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, below]): [string, unknown] =>
      key.endsWith('_file') && typeof below === 'string'
        ? [key, resolve(directory, below)]
        : [key, found(below, directory)],
    ),
  )
}
