import { kpisOf } from '../../domain/kpis.ts'
import type { KpiSource } from '../kpi-routes.ts'
import { NOON } from './fake-incidents.ts'

/** Without an incident. */
export const noKpis: KpiSource = { now: () => NOON, read: async (from, to) => kpisOf([], from, to) }
