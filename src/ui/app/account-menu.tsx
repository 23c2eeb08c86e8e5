import { useState } from 'react'
import { useSession, useSignOut } from '../api/session.ts'
import { HelpDialog } from './help-dialog.tsx'
import { useKeys } from './keyboard.ts'
import { nextChoice, useThemeChoice } from './theme.ts'

const MENU = 'account-menu'

/** Who I am, signing out, colours, help. */
export function AccountMenu() {
  const { data: session } = useSession()
  const [helps, setHelps] = useState(false)
  useKeys({ '?': () => setHelps(true) })
  const name = session?.sign_in === true ? session.name : 'Menu'
  return (
    <>
      <button type="button" className="button shell-account" popoverTarget={MENU} title={session?.name}>
        {name}
      </button>
      <div id={MENU} popover="auto" className="shell-menu">
        <div className="stack">
          <p>
            {session?.sign_in === true ? (
              <>
                <strong className="wrap">{session.name}</strong>, role {session.role}
              </>
            ) : (
              'Nobody is asked who they are: web.auth is not set.'
            )}
          </p>
          <ThemeButton />
          <button type="button" className="button" popoverTarget={MENU} onClick={() => setHelps(true)}>
            Keys and signs (?)
          </button>
          <a className="button" href="api/docs" target="_blank" rel="noreferrer">
            API
          </a>
          {session?.sign_in === true && session.csrf_token !== null && <SignOut />}
        </div>
      </div>
      {helps && <HelpDialog close={() => setHelps(false)} />}
    </>
  )
}

function ThemeButton() {
  const [choice, choose] = useThemeChoice()
  const words = { system: 'as the device', light: 'light', dark: 'dark' }
  return (
    <button type="button" className="button" onClick={() => choose(nextChoice(choice))}>
      Colours: {words[choice]}
    </button>
  )
}

function SignOut() {
  const signOut = useSignOut()
  const [error, setError] = useState('')
  return (
    <>
      <button
        type="button"
        className="button"
        onClick={() => signOut().catch((failure: Error) => setError(failure.message))}
      >
        Sign out
      </button>
      {error !== '' && (
        <p role="alert" className="field-error">
          {error}
        </p>
      )}
    </>
  )
}
