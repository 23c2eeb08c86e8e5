import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { ChangeJson } from '../../../api/contract.ts'
import { postJson } from '../../api/client.ts'
import { usePermissions } from '../../api/session.ts'
import { Outcome } from '../../components/outcome.tsx'
import { NEEDS_OPERATE } from '../../components/roles.ts'
import { formatExact } from '../../format.ts'

const HOUR_MS = 3_600_000

/** A deploy or maintenance: no model learns from it, and no rule acts in it. */
export function MarkChange({ target }: { readonly target: string }) {
  const { operate } = usePermissions()
  const [from, setFrom] = useState(() => localTime(Date.now()))
  const [to, setTo] = useState(() => localTime(Date.now() + HOUR_MS))
  const [text, setText] = useState('')
  const mark = useMutation<ChangeJson, Error>({
    mutationFn: () => postJson('changes', { targets: [target], from: isoOf(from), to: isoOf(to), text }),
  })
  const missing = whatIsMissing(from, to, text)
  const reason = operate ? missing : NEEDS_OPERATE
  const isOff = reason !== undefined || mark.isPending

  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isOff) mark.mutate()
      }}
    >
      <p className="muted">A deploy or maintenance: no model learns from it, and no rule acts on the target in it.</p>
      <Field words="from" type="datetime-local" value={from} isOff={!operate} onChange={setFrom} />
      <Field words="to" type="datetime-local" value={to} isOff={!operate} onChange={setTo} />
      <Field words="what" type="text" value={text} isOff={!operate} onChange={setText} />
      <div className="row">
        <button type="submit" className="button" aria-disabled={isOff} title={reason}>
          Mark the change
        </button>
        {reason !== undefined && <span className="muted">{reason}</span>}
        <Outcome error={mark.error} done={mark.data && `Marked until ${formatExact(Date.parse(mark.data.to))}.`} />
      </div>
    </form>
  )
}

interface FieldProps {
  readonly words: string
  readonly type: 'text' | 'datetime-local'
  readonly value: string
  readonly isOff: boolean
  readonly onChange: (value: string) => void
}

function Field({ words, type, value, isOff, onChange }: FieldProps) {
  return (
    <label className="field">
      <span className="field-label">{words}</span>
      <input
        className="input"
        type={type}
        value={value}
        maxLength={1000}
        disabled={isOff}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  )
}

function whatIsMissing(from: string, to: string, text: string): string | undefined {
  if (isoOf(from) === undefined || isoOf(to) === undefined) return 'give both times'
  if (Date.parse(to) <= Date.parse(from)) return 'it must end after it begins'
  return text.trim() === '' ? 'say what it is' : undefined
}

function isoOf(local: string): string | undefined {
  const at = Date.parse(local)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

/** As a field of the browser takes it: the local time, to the minute. */
function localTime(at: number): string {
  return formatExact(at).slice(0, 16).replace(' ', 'T')
}
