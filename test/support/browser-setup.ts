import { BROWSER_PACKAGES } from './chromium.ts'
import { ensurePackages } from './packages.ts'

/** Vitest global setup: installs the browser where it is missing, before files that run side by side would do so at once. */
export function setup(): void {
  const installed = ensurePackages(BROWSER_PACKAGES)
  if (installed.length > 0) console.error(`installed ${installed.join(', ')}`)
}
