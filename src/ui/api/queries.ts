import { QueryClient, type QueryKey, type UseQueryResult, useQuery } from '@tanstack/react-query'
import { ApiProblem, getJson } from './client.ts'

/** The error of a query is an `ApiProblem` or an `OfflineError`. */
export type Answer<T> = UseQueryResult<T, Error>

/** Shared by all pages. What is shown stays true by events, not by asking again and again. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        // Who is refused is refused again; where nobody answers, the line of events says when to ask anew.
        retry: (failures, error) => error instanceof ApiProblem && error.status >= 500 && failures < 2,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
}

/**
 * The answer to `GET /api/v1/<path>`, asked again when events say that it is another. Undefined: not asked.
 *
 * @param path with its parts encoded: `incidents?limit=50`, `targets/web-1%40node`
 */
export function useGet<T>(path: string | undefined): Answer<T> {
  return useQuery<T, Error>({
    queryKey: keyOf(path ?? ''),
    queryFn: ({ signal }) => getJson<T>(path ?? '', signal),
    enabled: path !== undefined,
  })
}

/** `[resource, path]`, so that all that is known of a resource can be named. */
export function keyOf(path: string): QueryKey {
  return [path.split(/[/?]/, 1)[0], path]
}

/** Whether a key is that of a list, with any filters, and not that of one of its items. */
export function isListOf(resource: string, [first, path]: QueryKey): boolean {
  return first === resource && (path === resource || String(path).startsWith(`${resource}?`))
}
