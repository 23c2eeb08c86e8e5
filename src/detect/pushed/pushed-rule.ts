import type { AlarmRule } from '../alarm-rule.ts'

/**
 * Levels of services that push their readings: what theory allows is 1. Unlike the rule for hosts it learns nothing from
 * earlier scores: a service has faults in its first hour, and after one of them the next must be seen as well.
 *
 * @param any whether KIRA's rule decides
 */
export function createPushedRule(any: boolean): AlarmRule {
  return {
    levelOf: (_slot, _at, raw) => ({
      combined: raw.young,
      level: any ? raw.any : raw.young,
      anomalyThreshold: Number.NaN,
    }),
    adopt: () => {},
    setAlarmsPerDay: () => {},
    clear: () => {},
    memory: () => undefined,
    recall: () => {},
  }
}
