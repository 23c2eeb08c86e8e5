import { Dialog } from '../components/dialog.tsx'
import { LevelBadge } from '../components/level-badge.tsx'

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'search the fleet'],
  ['j', 'next'],
  ['k', 'the one before'],
  ['Enter', 'open'],
  ['a', 'approve: asks before it does'],
  ['f', 'freeze or unfreeze: asks before it does'],
  ['?', 'this help'],
  ['Esc', 'close, leave'],
]

const LEVELS: readonly (readonly [number | null, string])[] = [
  [0.3, 'below half of the threshold'],
  [0.7, 'from half of the threshold on'],
  [1.4, 'above the threshold, which is 1'],
  [3.1, 'above twice the threshold'],
  [null, 'no score: warming up, or no data'],
]

export function HelpDialog({ close }: { close: () => void }) {
  return (
    <Dialog title="Keys and signs" onClose={close}>
      <dl className="facts facts-narrow">
        {KEYS.map(([key, does]) => (
          <div className="fact" key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <h3>Levels</h3>
      <dl className="facts facts-narrow">
        {LEVELS.map(([level, means]) => (
          <div className="fact" key={means}>
            <dt>
              <LevelBadge level={level} />
            </dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  )
}
