import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query'
import type { Page } from '../../api/contract.ts'
import { getJson } from '../api/client.ts'
import { keyOf } from '../api/queries.ts'

export type Pages<T> = UseInfiniteQueryResult<InfiniteData<Page<T>, string | null>, Error>

/**
 * A list that is read page by page, asked again when events say that it is another.
 *
 * @param path with its parameters, without `cursor`: `incidents?limit=50`
 */
export function usePages<T>(path: string): Pages<T> {
  return useInfiniteQuery<Page<T>, Error, InfiniteData<Page<T>, string | null>, readonly unknown[], string | null>({
    // Not the key of the same path asked once: what is kept has another form.
    queryKey: [...keyOf(path), 'pages'],
    queryFn: ({ pageParam, signal }) => {
      const cursor =
        pageParam === null ? '' : `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(pageParam)}`
      return getJson<Page<T>>(`${path}${cursor}`, signal)
    },
    initialPageParam: null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  })
}

/** All that was read so far. */
export function itemsOf<T>({ data }: Pages<T>): readonly T[] {
  return data?.pages.flatMap(({ items }) => items) ?? []
}

/** The path of a list with its parameters; those that are empty are left out. */
export function listPath(resource: string, params: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(params).filter((entry): entry is [string, string] => !!entry[1])
  return set.length === 0 ? resource : `${resource}?${new URLSearchParams(set)}`
}
