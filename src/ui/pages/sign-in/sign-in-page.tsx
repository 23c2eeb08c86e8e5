import { type FormEvent, useState } from 'react'
import { type Credential, isUnauthorized, useSignIn } from '../../api/session.ts'
import './sign-in-page.css'

/** The page that was asked for comes after it: its address stays. */
export function SignInPage() {
  const [way, setWay] = useState<'token' | 'user'>('token')
  const [error, setError] = useState('')
  const [isBusy, setBusy] = useState(false)
  const signIn = useSignIn()

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    setBusy(true)
    setError('')
    try {
      await signIn(credentialOf(new FormData(event.currentTarget)))
    } catch (failure) {
      setError(isUnauthorized(failure) ? 'That is not known here.' : (failure as Error).message)
      setBusy(false)
    }
  }

  return (
    <main className="sign-in">
      <h1>Sign in to Homeostat</h1>
      <form className="stack" onSubmit={submit}>
        <fieldset className="sign-in-way">
          <legend className="sr-only">With what</legend>
          <label>
            <input type="radio" name="way" checked={way === 'token'} onChange={() => setWay('token')} /> Token
          </label>
          <label>
            <input type="radio" name="way" checked={way === 'user'} onChange={() => setWay('user')} /> Name and password
          </label>
        </fieldset>
        {way === 'token' ? (
          <Field name="token" label="API token or JWT" type="password" complete="current-password" />
        ) : (
          <>
            <Field name="username" label="User name" type="text" complete="username" />
            <Field name="password" label="Password" type="password" complete="current-password" />
          </>
        )}
        {error !== '' && (
          <p role="alert" className="field-error">
            {error}
          </p>
        )}
        <button type="submit" className="button button-primary" disabled={isBusy}>
          {isBusy ? 'Signing in …' : 'Sign in'}
        </button>
      </form>
      <p className="muted">
        Tokens and users are those of web.auth in the configuration. A session lasts twelve hours, or until a restart.
      </p>
    </main>
  )
}

function Field(props: { name: string; label: string; type: string; complete: string }) {
  return (
    <label className="field">
      <span className="field-label">{props.label}</span>
      <input className="input" name={props.name} type={props.type} autoComplete={props.complete} required />
    </label>
  )
}

function credentialOf(form: FormData): Credential {
  const text = (name: string) => String(form.get(name) ?? '')
  if (form.has('token')) return { token: text('token').trim() }
  return { username: text('username'), password: text('password') }
}
