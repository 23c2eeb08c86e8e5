import type { Clock } from '../platform/clock.ts'
import type { RunCommand } from './backends/command.ts'
import type { DockerClient } from './backends/docker.ts'
import type { KubernetesClient } from './backends/kubernetes.ts'
import type { Systemd } from './backends/systemd.ts'
import type { ExecCommand } from './exec/command.ts'
import type { HttpActionOptions } from './http/options.ts'
import type { Protection } from './protection.ts'

/** All that an action can reach. Nothing in it connects to anything before it is used. */
export interface World {
  readonly clock: Clock
  readonly runCommand: RunCommand
  readonly docker: DockerClient
  readonly kubernetes: KubernetesClient
  readonly systemd: Systemd
  readonly exec: readonly ExecCommand[]
  readonly http: HttpActionOptions
  readonly protection: Protection
}
