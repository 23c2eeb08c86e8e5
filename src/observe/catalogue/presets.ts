import { classic } from './classic.ts'
import { nodeExporter } from './node-exporter.ts'
import type { Preset } from './preset.ts'

/** Presets by the name that the configuration gives them. */
export const presets = { classic, 'node-exporter': nodeExporter } as const satisfies Record<string, Preset>
