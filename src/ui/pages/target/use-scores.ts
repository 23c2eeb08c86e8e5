import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import type { TargetScoresJson } from '../../../api/contract.ts'
import { getJson } from '../../api/client.ts'
import { useLiveEvent } from '../../api/live.ts'
import type { Answer } from '../../api/queries.ts'
import { presetOf, type RangeParams, rangeOf } from '../../charts/range.ts'

/** A chart is some hundred pixels wide: asked more often, nobody sees a difference. */
const SHOWN_POINTS = 600
const SHORTEST_WAIT_MS = 5000

/**
 * What is known of a target in the time of the page: for a live range asked again after each of its readings, but not
 * more often than the chart can show.
 *
 * @param features names, whose readings are told too
 */
export function useScores(id: string, params: RangeParams, features: readonly string[]): Answer<TargetScoresJson> {
  const { range, from, to } = params
  const path = `targets/${encodeURIComponent(id)}/scores`
  const preset = presetOf(params)
  const asked = preset ?? `${from} ${to}`
  const answer = useQuery<TargetScoresJson, Error>({
    queryKey: ['targets', path, asked, features.join(',')],
    queryFn: ({ signal }) => {
      const time = rangeOf({ range, from, to }, Date.now())
      const query = new URLSearchParams({
        from: new Date(time.from).toISOString(),
        to: new Date(time.to).toISOString(),
      })
      if (features.length > 0) query.set('features', features.join(','))
      return getJson<TargetScoresJson>(`${path}?${query}`, signal)
    },
    placeholderData: keepPreviousData,
  })

  const askedAt = useRef(0)
  useLiveEvent('targets', ({ changed, levels }) => {
    if (preset === undefined || !(Object.hasOwn(levels, id) || changed.some((each) => each.id === id))) return
    const span = rangeOf({ range }, 0)
    const wait = Math.max(SHORTEST_WAIT_MS, (span.to - span.from) / SHOWN_POINTS)
    if (Date.now() - askedAt.current < wait || answer.isFetching) return
    askedAt.current = Date.now()
    void answer.refetch()
  })
  return answer
}
