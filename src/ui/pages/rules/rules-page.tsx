import type { Page, RuleJson } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import { Shown } from '../../components/answer.tsx'
import { StatePanel } from '../../components/state-panel.tsx'
import { TimeText } from '../../components/time-text.tsx'
import { formatCount } from '../../format.ts'
import { Standings } from './standings.tsx'
import { stepsText, verdictsText } from './words.ts'
import './rules-page.css'

/** The rules as they are loaded, in the order in which they are asked, and how often each has matched. */
export function RulesPage() {
  const rules = useGet<Page<RuleJson>>('rules')
  return (
    <div className="stack">
      <div className="page-head">
        <h1>Rules</h1>
        <span className="muted">
          asked by priority, the first that matches decides; the condition of a whole file is not shown
        </span>
      </div>
      <Shown answer={rules} what="the rules">
        {({ items }) => (items.length === 0 ? <None /> : <RuleTable rules={items} />)}
      </Shown>
    </div>
  )
}

function None() {
  return (
    <StatePanel state="empty" title="No rule is loaded, so nothing is ever done">
      Name files of rules in <code>remediation.rules</code>.
    </StatePanel>
  )
}

function RuleTable({ rules }: { rules: readonly RuleJson[] }) {
  const days = rules[0].matches_days
  return (
    <table className="table table-fold rules">
      <thead>
        <tr>
          <th scope="col">Rule</th>
          <th scope="col">When</th>
          <th scope="col">Does</th>
          <th scope="col">May at most</th>
          <th scope="col" className="cell-number">
            Matched in {days} days
          </th>
          <th scope="col">What came of it</th>
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <Rule key={`${rule.file} ${rule.name}`} rule={rule} />
        ))}
      </tbody>
    </table>
  )
}

function Rule({ rule }: { rule: RuleJson }) {
  return (
    <>
      <tr className={rule.standings.length > 0 ? 'rule-with-standings' : undefined}>
        <th scope="row">
          <span className="wrap">{rule.name}</span>
          <div className="muted rule-file">
            priority {rule.priority}, {rule.file}
          </div>
        </th>
        <td data-label="when">
          <code>{rule.when}</code>
        </td>
        <td data-label="does">
          {stepsText(rule)}
          <div className="muted">severity {rule.severity}</div>
        </td>
        <td data-label="may at most">{rule.mode}</td>
        <td className="cell-number" data-label="matched">
          {formatCount(rule.matches)}
          {rule.last_matched_at !== null && (
            <div className="muted">
              <TimeText at={rule.last_matched_at} />
            </div>
          )}
        </td>
        <td data-label={rule.matches > 0 ? 'came of it' : undefined}>{verdictsText(rule.verdicts)}</td>
      </tr>
      {rule.standings.length > 0 && (
        <tr>
          <td colSpan={6}>
            <Standings rule={rule.name} standings={rule.standings} />
          </td>
        </tr>
      )}
    </>
  )
}
