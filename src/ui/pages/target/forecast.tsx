import type { TargetDetailJson } from '../../../api/contract.ts'
import { useNow } from '../../components/use-now.ts'
import { formatDuration, formatMoment } from '../../format.ts'
import { featureWords } from '../../format-value.ts'

/** What will be used up when, if it goes on as it does. */
export function Forecast({ target: { state, exhaustion, updated_at } }: { readonly target: TargetDetailJson }) {
  const now = useNow()
  const base = updated_at === null ? now : Date.parse(updated_at)
  return (
    <section className="stack" aria-label="Forecast">
      <h2>Forecast</h2>
      {exhaustion.length === 0 && (
        <p className="muted">{state === 'fresh' ? 'Nothing fills up.' : 'None can be made.'}</p>
      )}
      {exhaustion.map(({ resource, seconds, low, high }) => (
        <p key={resource}>
          {seconds === 0 ? (
            <strong>{featureWords(resource)} is full.</strong>
          ) : (
            <>
              <strong>{featureWords(resource)}</strong> is used up in{' '}
              <span className="number">{formatDuration(seconds)}</span>, at{' '}
              <span className="number">{formatMoment(base + seconds * 1000, now)}</span>
              <span className="muted number">
                {' '}
                ({formatDuration(low)} to {formatDuration(high)})
              </span>
            </>
          )}
        </p>
      ))}
    </section>
  )
}
