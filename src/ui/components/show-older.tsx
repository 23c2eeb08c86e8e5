import type { Pages } from './use-pages.ts'

/** The next page of a list, when somebody wants it. */
export function ShowOlder<T>({ pages, what }: { readonly pages: Pages<T>; readonly what: string }) {
  if (!pages.hasNextPage) return null
  return (
    <button
      type="button"
      className="button"
      aria-disabled={pages.isFetchingNextPage}
      onClick={() => !pages.isFetchingNextPage && void pages.fetchNextPage()}
    >
      {pages.isFetchingNextPage ? 'Loading …' : `Show older ${what}`}
    </button>
  )
}
