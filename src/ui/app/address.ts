/** The pages that have an address; `unknown` is every other one. */
export type PageName =
  | 'fleet'
  | 'target'
  | 'incidents'
  | 'incident'
  | 'actions'
  | 'rules'
  | 'models'
  | 'kpis'
  | 'status'
  | 'unknown'

export type Params = Readonly<Record<string, string>>

export interface Route {
  readonly page: PageName
  /** The target or the incident; empty where the page is not about one. */
  readonly id: string
  /** Filters, ranges of time and the like, as they stand in the address. */
  readonly params: Params
}

const LISTS = ['incidents', 'actions', 'rules', 'models', 'kpis', 'status'] as const
const DETAILS: Readonly<Record<string, PageName>> = { targets: 'target', incidents: 'incident' }

/** What the part of an address after `#` names: `#/targets/web-1%40node?from=…`. */
export function routeOf(hash: string): Route {
  const [path, query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s)
  const params = Object.fromEntries(new URLSearchParams(query))
  const [first = '', second = '', ...more] = path.split('/').filter((part) => part !== '')
  if (first === '') return { page: 'fleet', id: '', params }
  if (second === '') {
    const page = LISTS.find((name) => name === first) ?? (first === 'targets' ? 'fleet' : 'unknown')
    return { page, id: '', params }
  }
  const page = Object.hasOwn(DETAILS, first) && more.length === 0 ? DETAILS[first] : 'unknown'
  return { page, id: decoded(second), params }
}

/**
 * The address of a page: `href('/incidents', { state: 'open' })`. Parameters that are empty or undefined are left out.
 *
 * @param path with its parts encoded; `targetPath` and `incidentPath` do it
 */
export function href(path: string, params: Readonly<Record<string, string | undefined>> = {}): string {
  const set = Object.entries(params).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  )
  const query = new URLSearchParams(set).toString()
  return query === '' ? `#${path}` : `#${path}?${query}`
}

export function targetPath(id: string): string {
  return `/targets/${encodeURIComponent(id)}`
}

export function incidentPath(id: string): string {
  return `/incidents/${encodeURIComponent(id)}`
}

/** The path of an address, without its parameters. */
export function pathOf(hash: string): string {
  const path = hash.replace(/^#/, '').split('?')[0]
  return path === '' ? '/' : path
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
