import type { TestProject } from 'vitest/node'
import { type LabAddresses, startLab } from './lab.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The lab that all files of the `stack` tier share: `inject('lab')`. Who breaks a server starts a lab of its own. */
    lab: LabAddresses
  }
}

/** Vitest global setup of the `stack` tier: starts the lab that its files share. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const lab = await startLab({ parts: ['node_exporter', 'alertmanager', 'victoria_metrics'] })
  const { prometheus: _, nodeExporter: __, fresh: ___, stop, ...addresses } = lab
  project.provide('lab', addresses)
  return stop
}
