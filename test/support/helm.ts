import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import type { Manifest } from './manifests.ts'

export const HELM_PACKAGES = ['golang-go', 'golang-github-masterminds-sprig-dev', 'golang-k8s-sigs-yaml-dev'] as const

interface Rendered {
  readonly manifests: readonly Manifest[]
  readonly notes: string
}

export interface ChartRenderer {
  /**
   * The chart with these values over its own.
   *
   * @throws {Error} what the chart's schema or its templates say
   */
  render(values?: Readonly<Record<string, unknown>>): Rendered
  remove(): void
}

/**
 * Helm is in no registry that the tests can use, so a small program stands for it: Go's own templates with sprig and
 * sigs.k8s.io/yaml, the libraries that Helm is made of, from Debian. What it has of Helm's own: include, toYaml, required,
 * values over values, the schema of values. It has no hooks, no dependencies, no lookup, and the chart uses none.
 */
export function createChartRenderer(chart: string): ChartRenderer {
  const directory = mkdtempSync(join(tmpdir(), 'homeostat-helm-'))
  const program = join(directory, 'render')
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOPATH: '/usr/share/gocode',
    GOCACHE: join(directory, 'cache'),
    CGO_ENABLED: '0',
  }
  execFileSync('go', ['build', '-o', program, join(import.meta.dirname, 'helm/render.go')], { env, stdio: 'pipe' })
  const read = (name: string) => readFileSync(join(chart, name), 'utf8')
  const own = parse(read('values.yaml')) as Record<string, unknown>
  const { name, version, appVersion } = parse(read('Chart.yaml')) as Record<string, string>
  const schema = z.fromJSONSchema(JSON.parse(read('values.schema.json')))

  return {
    render(values = {}) {
      const Values = schema.parse(merged(own, values))
      const input = JSON.stringify({
        Values,
        Chart: { Name: name, Version: version, AppVersion: appVersion },
        Release: { Name: 'homeostat', Namespace: 'homeostat', Service: 'Helm' },
      })
      const output = execFileSync(program, [chart], { input, stdio: ['pipe', 'pipe', 'pipe'] }).toString()
      const { 'NOTES.txt': notes, ...files } = JSON.parse(output) as Record<string, string>
      const manifests = Object.values(files)
        .flatMap((text) => [...parseAllDocuments(text)])
        .map((document) => document.toJS() as Manifest | null)
      return { manifests: manifests.filter((manifest) => manifest !== null), notes }
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** As Helm lays values over each other: maps key by key, lists as a whole. */
function merged(base: Record<string, unknown>, over: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(over).map(([key, value]) => {
    const below = base[key]
    return [key, isMap(below) && isMap(value) ? merged(below, value) : value] as const
  })
  return { ...base, ...Object.fromEntries(entries) }
}
