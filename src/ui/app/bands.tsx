import type { FreezeJson, SourceJson, StatusJson } from '../../api/contract.ts'
import { useGet } from '../api/queries.ts'
import { TimeText } from '../components/time-text.tsx'
import { formatDuration } from '../format.ts'
import { href } from './router.ts'

/** What everybody must know, whichever page they look at. */
export function Bands() {
  return (
    <>
      <FrozenBand />
      <SourceBand />
    </>
  )
}

function FrozenBand() {
  const { data: freeze } = useGet<FreezeJson>('freeze')
  if (freeze?.frozen !== true) return null
  return (
    <div className="shell-band shell-band-frozen">
      <strong>All actions are frozen</strong>{' '}
      <span className="wrap">
        {freeze.by !== null && `by ${freeze.by} `}
        <TimeText at={freeze.since} show="both" />
        {freeze.reason !== null && freeze.reason !== '' && `: ${freeze.reason}`}
      </span>
    </div>
  )
}

function SourceBand() {
  const { data: status } = useGet<StatusJson>('status')
  const down = status?.sources.find(({ state }) => state === 'down')
  if (status === undefined || (down === undefined && status.cycle.failures === 0)) return null
  return (
    <div className="shell-band shell-band-late">
      <strong>{down === undefined ? 'The newest cycle failed' : downWords(down)}</strong>{' '}
      {down !== undefined && down.data_age_seconds !== null && (
        <span>newest data {formatDuration(down.data_age_seconds)} old</span>
      )}
      <a href={href('/status')}>Status</a>
    </div>
  )
}

function downWords({ kind, url }: SourceJson): string {
  return kind === 'push' ? 'No service pushes readings any more' : `No answer from ${url ?? kind}`
}
