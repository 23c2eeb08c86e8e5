/** What came of a button. */
export function Outcome({ error, done }: { readonly error: Error | null; readonly done?: string }) {
  if (error !== null) {
    return (
      <span role="alert" className="field-error">
        {error.message}
      </span>
    )
  }
  return done === undefined ? null : <span role="status">{done}</span>
}
