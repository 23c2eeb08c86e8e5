import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import './confirm-button.css'

interface ConfirmButtonProps {
  /** What the button says at rest: `Approve`. */
  readonly label: string
  /** What is pressed to do it, in the verb of the deed: `Restart checkout-2`. */
  readonly deed: string
  /** What will happen, shown between asking and doing. */
  readonly detail?: ReactNode
  readonly onConfirm: () => void
  readonly look?: 'plain' | 'primary' | 'danger'
  /** Why it cannot be pressed; undefined where it can. */
  readonly disabledReason?: string
  /** It has been pressed, and is not answered yet. */
  readonly busy?: boolean
  /** The key that presses it where its row has the focus. */
  readonly shortcut?: string
}

/** A button that asks once, and never "OK". */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { label, deed, detail, onConfirm, look = 'plain', disabledReason, busy = false, shortcut } = props
  const [isAsking, setAsking] = useState(false)
  const reasonId = useId()
  const opener = useRef<HTMLButtonElement>(null)
  const wasAsking = useRef(false)

  useEffect(() => {
    // Back to where the question came from, or the keyboard is lost.
    if (wasAsking.current && !isAsking) opener.current?.focus()
    wasAsking.current = isAsking
  }, [isAsking])

  if (isAsking && disabledReason === undefined) {
    return (
      <Question
        deed={deed}
        detail={detail}
        onCancel={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false)
          onConfirm()
        }}
      />
    )
  }
  const isOff = disabledReason !== undefined || busy
  return (
    <>
      <button
        ref={opener}
        type="button"
        data-key={shortcut}
        className={`button button-${look}`}
        aria-disabled={isOff}
        aria-describedby={disabledReason === undefined ? undefined : reasonId}
        title={disabledReason}
        onClick={() => !isOff && setAsking(true)}
      >
        {busy ? `${label} …` : label}
      </button>
      {disabledReason !== undefined && (
        <span id={reasonId} className="sr-only">
          {disabledReason}
        </span>
      )}
    </>
  )
}

interface QuestionProps extends Pick<ConfirmButtonProps, 'deed' | 'detail' | 'onConfirm'> {
  readonly onCancel: () => void
}

function Question({ deed, detail, onConfirm, onCancel }: QuestionProps) {
  const doer = useRef<HTMLButtonElement>(null)
  useEffect(() => doer.current?.focus(), [])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be read as part of a form
    <div
      role="group"
      aria-label={`Confirm: ${deed}`}
      className="question"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onCancel()
      }}
    >
      {detail !== undefined && <div className="question-detail">{detail}</div>}
      <button ref={doer} type="button" className="button button-danger" onClick={onConfirm}>
        {deed}
      </button>
      <button type="button" className="button button-plain" onClick={onCancel}>
        Cancel
      </button>
    </div>
  )
}
