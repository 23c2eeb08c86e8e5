import type { ReactNode } from 'react'
import type { KpisJson, MeanJson } from '../../../api/contract.ts'
import { formatDuration, formatNumber, formatShare, plural } from '../../format.ts'

/** Each figure with what it counts, and of how many: what nobody has judged says nothing. */
export function Figures({ kpis }: { kpis: KpisJson }) {
  const { detections, missed } = kpis
  const judged = detections.true + detections.false
  return (
    <div className="stack-wide">
      <section className="stack" aria-label="Detecting">
        <h2>Detecting</h2>
        <dl className="figures">
          <Figure name="Detection rate" value={formatShare(kpis.detection_rate)}>
            {detections.true} confirmed incidents were seen by the detectors, {missed} by alerts alone. What neither saw
            is not known.
          </Figure>
          <Figure name="False alarms a day" value={formatNumber(kpis.false_alarms_per_day)}>
            {plural(detections.false, 'detection')} judged “not useful”, over all targets.
          </Figure>
          <Figure name="False ones among the judged" value={formatShare(kpis.false_positive_rate)}>
            of {plural(judged, 'judged detection')}. {detections.unknown} more nobody has judged: say “useful” or “not
            useful” in an incident.
          </Figure>
          <Figure name="Time to detect" value={mean(kpis.time_to_detect)}>
            Mean from the first sign to the first word of the detectors, {of(kpis.time_to_detect)}. Without alerts
            beside it the first sign is the detectors’ own.
          </Figure>
          <Figure name="Ahead of alerts by" value={mean(kpis.lead_over_alerts)}>
            Mean, {of(kpis.lead_over_alerts)}; below 0 where alerts came first.
          </Figure>
          <Figure name="Incidents" value={formatNumber(kpis.incidents)}>
            All that opened in this time.
          </Figure>
        </dl>
      </section>
      <section className="stack" aria-label="Recovering">
        <h2>Recovering</h2>
        <dl className="figures">
          <Figure name="Time to recover" value={mean(kpis.time_to_recover)}>
            Mean from opening to the end, {of(kpis.time_to_recover)}.
          </Figure>
          <Figure name="… where something was done" value={mean(kpis.time_to_recover_acted)}>
            Mean, {of(kpis.time_to_recover_acted)}. What is acted on is worse to begin with.
          </Figure>
          <Figure name="… where nothing was done" value={mean(kpis.time_to_recover_alone)}>
            Mean, {of(kpis.time_to_recover_alone)}.
          </Figure>
        </dl>
      </section>
    </div>
  )
}

function Figure({ name, value, children }: { name: string; value: string; children: ReactNode }) {
  return (
    <div className="panel">
      <dt>{name}</dt>
      <dd className="figure-value">{value}</dd>
      <dd className="muted">{children}</dd>
    </div>
  )
}

function mean({ mean_seconds }: MeanJson): string {
  return formatDuration(mean_seconds)
}

function of({ of: count }: MeanJson): string {
  return count === 0 ? 'of none so far' : `of ${plural(count, 'incident')}`
}
