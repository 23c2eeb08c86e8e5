import { DOCKER_PACKAGES } from './docker.ts'
import { HELM_PACKAGES } from './helm.ts'
import { IMAGE_PACKAGES } from './image-base.ts'
import { ensurePackages, LAB_PACKAGES } from './packages.ts'

/** Vitest global setup: installs all that is missing before files that run side by side would do so at once. */
export function setup(): void {
  const deployment = [...IMAGE_PACKAGES, ...HELM_PACKAGES, 'systemd']
  const installed = ensurePackages([...LAB_PACKAGES, ...DOCKER_PACKAGES, ...deployment, 'postgresql'])
  if (installed.length > 0) console.error(`installed ${installed.join(', ')}`)
}
