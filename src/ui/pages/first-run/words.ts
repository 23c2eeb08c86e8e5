import type { SourceJson, StatusJson } from '../../../api/contract.ts'
import { formatDuration, plural } from '../../format.ts'

const KINDS: Readonly<Record<SourceJson['kind'], string>> = {
  local: 'This machine',
  prometheus: 'Hosts that Prometheus knows',
  node_exporter: 'Hosts with a node_exporter',
  push: 'Services that push their readings',
  alertmanager: 'Silences of Alertmanager',
}

/** `Hosts that Prometheus knows, at http://prometheus:9090: 12 targets, newest data 8 s old`. */
export function sourceSentence(source: SourceJson): string {
  const { url, targets } = source
  const name = KINDS[source.kind] + (url === null ? '' : `, at ${url}`)
  const count = targets === null ? undefined : plural(targets, 'target')
  const told = [count, stateWords(source)].filter((part) => part !== undefined)
  return told.length === 0 ? name : `${name}: ${told.join(', ')}`
}

/** Where there is no target yet: whether to wait, or what to do. */
export function nobodyYet({
  ready,
  interval_seconds,
  sources,
}: Pick<StatusJson, 'ready' | 'interval_seconds' | 'sources'>): string {
  if (!ready) return `The first readings come within ${formatDuration(interval_seconds)}.`
  const isPushed = sources.every(({ kind }) => kind === 'push' || kind === 'alertmanager')
  if (isPushed) return 'No service has pushed a reading yet: they go to POST /api/v1/observations.'
  return 'No target has shown itself yet: look at the sources.'
}

function stateWords({ state, data_age_seconds }: SourceJson): string | undefined {
  if (state === 'down') return 'does not answer'
  if (state === 'unknown') return 'not asked yet'
  return data_age_seconds === null ? undefined : `newest data ${formatDuration(data_age_seconds)} old`
}
