import type { GuardAnswerJson, TimelineEntryJson } from '../../../api/contract.ts'
import { href } from '../../app/router.ts'
import { useNow } from '../../components/use-now.ts'
import { whoOf } from '../../components/who.ts'
import { formatExact, formatMoment, formatOffset, plural, words } from '../../format.ts'
import { decisionOf, eventsOf, labelOf, phaseOf, stepsOf } from './timeline.ts'
import './story.css'

type Event = ReturnType<typeof eventsOf>[number]

interface StoryProps {
  /** Oldest first. */
  readonly timeline: readonly TimelineEntryJson[]
  readonly openedAt: string
  /** Ids of the actions that only tell people. */
  readonly told: ReadonlySet<string>
}

/** What happened, one row for each event, oldest first; refusals are events, too. */
export function Story({ timeline, openedAt, told }: StoryProps) {
  const events = eventsOf(timeline, told)
  const start = Date.parse(openedAt)
  return (
    <section className="stack" aria-label="Timeline">
      <h2>Timeline</h2>
      <Steps events={events} />
      <ol className="story">
        {events.map((entry, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries have no id, and none moves
          <Entry key={i} entry={entry} start={start} />
        ))}
      </ol>
    </section>
  )
}

/** How far it has come, at a glance. */
function Steps({ events }: { readonly events: readonly Event[] }) {
  const steps = stepsOf(events)
  const start = steps[0].at
  return (
    <ol className="steps">
      {steps.map(({ phase, at }) => (
        <li key={phase} className={at === undefined ? 'step step-open' : 'step'}>
          <span aria-hidden="true">{at === undefined ? '○' : '●'}</span> {phase}
          <span className="sr-only">{at === undefined ? ': not yet' : ''}</span>
          <span className="muted number step-after">
            {at !== undefined && start !== undefined && at > start ? ` +${formatOffset(at - start)}` : ''}
          </span>
        </li>
      ))}
    </ol>
  )
}

function Entry({ entry, start }: { readonly entry: Event; readonly start: number }) {
  const now = useNow()
  const at = Date.parse(entry.at)
  const isRefusal = entry.data['verdict'] === 'refuse' || entry.data['state'] === 'REFUSED'
  return (
    <li className={`story-entry phase-${phaseOf(entry)}${isRefusal ? ' story-refusal' : ''}`}>
      <div className="story-time number">
        <time dateTime={entry.at} title={formatExact(at)}>
          {formatMoment(at, now)}
        </time>
        {at > start && <span className="muted"> +{formatOffset(at - start)}</span>}
      </div>
      <div className="story-body">
        <strong>{labelOf(entry)}</strong> <Text entry={entry} />
        {entry.by !== 'homeostat' && <span className="muted"> by {whoOf(entry.by)}</span>}
        {entry.guards?.length > 0 && <Guards guards={entry.guards} />}
      </div>
    </li>
  )
}

/** The words of the journal; those of an action lead to it in the ledger. */
function Text({ entry }: { readonly entry: TimelineEntryJson }) {
  const { kind, text, data } = entry
  const action = data['action']
  if (kind !== 'action' || typeof action !== 'string') return <span className="wrap">{decisionOf(entry) ?? text}</span>
  return (
    <a className="wrap" href={href('/actions', { id: action })}>
      {text}
    </a>
  )
}

function Guards({ guards }: { readonly guards: readonly GuardAnswerJson[] }) {
  const objecting = guards.filter(({ agrees }) => !agrees)
  const agreeing = guards.filter(({ agrees }) => agrees)
  return (
    <div className="story-guards">
      {objecting.map(({ guard, reason }) => (
        <div key={guard}>
          <span aria-hidden="true">⊘ </span>
          guard <strong>{words(guard)}</strong> says no{reason === '' ? '' : `: ${reason}`}
        </div>
      ))}
      {agreeing.length > 0 && (
        <details>
          <summary>{plural(agreeing.length, 'guard')} agreed</summary>
          <p>{agreeing.map(({ guard }) => words(guard)).join(', ')}</p>
        </details>
      )}
    </div>
  )
}
