import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { href, type Params, pathOf, type Route, routeOf } from './address.ts'

export { href, incidentPath, targetPath } from './address.ts'

/** The page that the address names, and its parameters. */
export function useRoute(): Route {
  const hash = useHash()
  return useMemo(() => routeOf(hash), [hash])
}

/** Goes to a page. */
export function navigate(path: string, params?: Readonly<Record<string, string | undefined>>): void {
  window.location.hash = href(path, params)
}

/**
 * One parameter of the address, empty where it is not set, and what changes it. A change does not count as a step back:
 * who filters a list and goes back is on the page before.
 */
export function useParam(name: string): readonly [string, (value: string | undefined) => void] {
  const { params } = useRoute()
  const set = useCallback((value: string | undefined) => setParams({ [name]: value }), [name])
  return [params[name] ?? '', set]
}

/** Changes parameters of the address at once; the others stay. */
export function setParams(changes: Readonly<Record<string, string | undefined>>): void {
  const { hash } = window.location
  const params: Readonly<Record<string, string | undefined>> = { ...(routeOf(hash).params as Params), ...changes }
  window.history.replaceState(null, '', href(pathOf(hash), params))
  // The browser tells only of steps that it makes by itself.
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}

function useHash(): string {
  return useSyncExternalStore(subscribe, () => window.location.hash)
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}
