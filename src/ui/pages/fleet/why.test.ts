import { expect, it } from 'vitest'
import type { IncidentJson } from '../../../api/contract.ts'
import { whyOf } from './why.ts'

it.each([
  ['cpu_saturation', 'cpu_percent 91, expected 28', 0, 'CPU saturation: cpu_percent 91, expected 28'],
  ['unknown', 'request_latency_ms 72, expected 134', 0, 'request_latency_ms 72, expected 134'],
  [null, null, 2, '2 alerts firing'],
  ['latency', null, 1, 'Latency; 1 alert firing'],
  [null, null, 0, 'Cause not known yet'],
])('of cause %s, evidence %s and %i alerts is told what is known', (cause, evidence, alerts_firing, expected) => {
  expect(whyOf({ cause, evidence, alerts_firing } as IncidentJson)).toBe(expected)
})
