import type { Guard } from './guard.ts'
import { spanText } from './span-text.ts'
import { touches } from './touching.ts'

export const freshData: Guard = {
  name: 'fresh_data',
  objection({ at, data, limits, proposal }) {
    if (!touches(proposal)) return undefined
    const { newestSampleAt, cleanCycles, warnings } = data
    if (warnings.length > 0) return `the newest data are incomplete: ${warnings[0]}`
    if (!(cleanCycles >= limits.cleanCycles)) {
      return `${cleanCycles} of ${limits.cleanCycles} full cycles since the start, or since the last gap`
    }
    const age = at - newestSampleAt
    // Not known where only alerts speak of the target: an alert that fires is as fresh as its sender says.
    if (age === Number.POSITIVE_INFINITY) return 'nothing is heard of the target'
    return age >= limits.maxDataAgeMs ? `the newest sample is ${spanText(age)} old` : undefined
  },
}
