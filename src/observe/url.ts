/**
 * Reads a URL out of the configuration.
 *
 * @param option where it stands there, for the message, which leaves the text itself out: it may hold a credential
 * @throws {RangeError} when it is not one of http or https
 */
export function httpUrl(text: string, option: string): URL {
  const url = URL.parse(text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new RangeError(`${option} must be a URL that begins with http:// or https://`)
}

/** A URL fit for a message: without userinfo, query and fragment, any of which may hold a credential. */
export function redactUrl(url: string | URL): string {
  try {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
  } catch {
    return '(a URL that cannot be read)'
  }
}
