import type { Judgement, Reading } from '../../pipeline/push.ts'
import type { ObservationResultJson } from '../contract.ts'

/** What the pipeline made of a reading. JSON has no NaN: what is not known is null. */
export function observationJson(
  { service, at, labels, metrics }: Reading,
  { verdict, diagnosis, decision, action }: Judgement,
): ObservationResultJson {
  const { detected, severity, level, score, threshold, detectors, contributions } = verdict
  return {
    target: verdict.target.id,
    observation: { service, timestamp: new Date(at).toISOString(), labels, metrics: Object.fromEntries(metrics) },
    anomaly: {
      detected,
      severity: finite(severity),
      level: finite(level),
      score: finite(score),
      threshold: finite(threshold),
      detectors: Object.fromEntries(Object.entries(detectors).map(([name, value]) => [name, finite(value)])),
      contributions: contributions.map(({ feature, share, actual, expected }) => {
        return { feature, share: finite(share), actual: finite(actual), expected: finite(expected) }
      }),
    },
    diagnosis:
      diagnosis === undefined
        ? null
        : {
            cause: diagnosis.cause,
            confidence: diagnosis.confidence,
            evidence: diagnosis.evidence,
            root_target: diagnosis.rootTarget,
          },
    decision: {
      rule: decision?.rule ?? null,
      action: decision?.action ?? null,
      severity: decision?.severity ?? null,
      verdict: decision?.verdict ?? 'none',
      reason: decision === undefined ? '' : reasonOf(decision),
    },
    action: action === undefined ? null : { id: action.id, state: action.state, message: action.reason },
  }
}

function reasonOf({ guard, reason }: NonNullable<Judgement['decision']>): string {
  return guard === undefined ? reason : `${guard}: ${reason}`
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
