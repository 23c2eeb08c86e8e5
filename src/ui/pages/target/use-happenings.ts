import { useMemo } from 'react'
import type { ActionJson, IncidentJson, Page } from '../../../api/contract.ts'
import { useGet } from '../../api/queries.ts'
import type { Mark } from '../../charts/plot-types.ts'
import { listPath } from '../../components/use-pages.ts'
import { type Happening, happeningsOf, marksOf } from './marks.ts'
import type { Picture } from './picture.ts'

/** What happened to a target in the time that is shown: in words, and as marks on every chart. */
export interface Happenings {
  readonly all: readonly Happening[]
  readonly marks: readonly Mark[]
}

const NOTHING: Happenings = { all: [], marks: [] }

export function useHappenings(id: string, picture: Picture | undefined): Happenings {
  const incidents = useGet<Page<IncidentJson>>(listPath('incidents', { target: id, limit: '100' })).data?.items
  const actions = useGet<Page<ActionJson>>(listPath('actions', { target: id, limit: '100' })).data?.items
  const range = picture?.range
  return useMemo(() => {
    if (range === undefined) return NOTHING
    const all = happeningsOf(incidents ?? [], actions ?? [], range)
    return { all, marks: marksOf(all, range.to) }
  }, [incidents, actions, range])
}
