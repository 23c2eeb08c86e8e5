import type { FeatureJson, TargetDetailJson } from '../../../api/contract.ts'
import { Sparkline } from '../../charts/sparkline.tsx'
import { ShareBar } from '../../components/share-bar.tsx'
import { formatValue, unitOf } from '../../format-value.ts'
import { bandOf } from '../../level.ts'
import { FeatureButton } from './feature-button.tsx'
import type { Picture } from './picture.ts'

const MOST = 6
const LEAST_SHARE = 0.03

/** The features that make up the error now, strongest first: none while all is well, when shares are shares of noise. */
export function speakingOf({ detected, level, features }: TargetDetailJson): readonly FeatureJson[] {
  if (!detected && bandOf(level) === 'neutral') return []
  return features.filter(({ share }) => share !== null && share >= LEAST_SHARE).slice(0, MOST)
}

interface SpeakingProps {
  readonly target: TargetDetailJson
  readonly features: readonly FeatureJson[]
  readonly picture: Picture | undefined
  readonly opened: readonly string[]
}

export function Speaking({ target, features, picture, opened }: SpeakingProps) {
  return (
    <section className="stack" aria-label="Features that speak">
      <h2>{titleOf(target, features.length > 0)}</h2>
      {features.length === 0 ? (
        <p className="muted">
          {target.state === 'fresh' ? 'No feature stands out.' : 'None can be judged.'} All of them are listed below.
        </p>
      ) : (
        <div className="table-frame">
          <table className="table table-fold">
            <thead>
              <tr>
                <th scope="col">feature</th>
                <th scope="col" className="cell-number">
                  actual
                </th>
                <th scope="col" className="cell-number">
                  expected
                </th>
                <th scope="col">share</th>
                <th scope="col">in this time</th>
              </tr>
            </thead>
            <tbody>
              {features.map((feature) => (
                <Row key={feature.name} feature={feature} picture={picture} isOpen={opened.includes(feature.name)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function titleOf({ state, detected }: TargetDetailJson, isAny: boolean): string {
  if (state === 'stale' && isAny) return 'What spoke when it was last heard'
  return isAny && !detected ? 'What stands out, though little' : 'What speaks now'
}

interface RowProps {
  readonly feature: FeatureJson
  readonly picture: Picture | undefined
  readonly isOpen: boolean
}

function Row({ feature, picture, isOpen }: RowProps) {
  const { name, unit, actual, expected, share } = feature
  const drawn = picture?.features.get(name)
  return (
    <tr data-row-group="">
      <th scope="row">
        <FeatureButton feature={feature} isOpen={isOpen} />
      </th>
      <td className="cell-number" data-label="actual">
        {formatValue(actual, unitOf(name, unit))}
      </td>
      <td className="cell-number" data-label="expected">
        {formatValue(expected, unitOf(name, unit))}
      </td>
      <td>
        <ShareBar share={share} />
      </td>
      <td>
        {picture !== undefined && drawn !== undefined && (
          <Sparkline samples={drawn.actual} expected={drawn.expected} range={picture.range} />
        )}
      </td>
    </tr>
  )
}
