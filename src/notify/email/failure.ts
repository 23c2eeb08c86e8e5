import { NotifyError } from '../../pipeline/receivers.ts'

interface MailError extends Error {
  readonly code?: string
  readonly responseCode?: number
}

/** What went wrong with a mail. The server's own words stay out of it: they may repeat what it was told. */
export function failureOf(error: unknown, server: string): NotifyError {
  if (error instanceof NotifyError) return error
  const { code = 'unknown error', responseCode } = error as MailError
  const who = `the mail server ${server}`
  if (code === 'ETLS') {
    return new NotifyError('rejected', `${who} offers no encryption that is trusted: see require_tls and ca_file`)
  }
  if (code === 'EAUTH') return new NotifyError('auth', `${who} refuses user name and password`)
  if (responseCode !== undefined && responseCode >= 500) {
    return new NotifyError('rejected', `${who} refuses the mail: ${responseCode}`)
  }
  if (responseCode !== undefined && responseCode >= 400) {
    return new NotifyError('unavailable', `${who} does not take the mail now: ${responseCode}`)
  }
  if (code === 'ETIMEDOUT') return new NotifyError('timeout', `${who} does not answer in time`)
  return new NotifyError('unavailable', `${who} cannot be reached: ${code}`)
}
