import { describe, expect, it } from 'vitest'
import { metricsOf } from '../expr.ts'
import { feature, gauge } from './builders.ts'
import { database } from './database.ts'
import { catalogueOf } from './preset.ts'
import { presets } from './presets.ts'

describe.each(Object.entries(presets))('preset %s', (_, preset) => {
  it('names its features in snake_case, each with its help, and once', () => {
    expect(() => catalogueOf([preset])).not.toThrow()
    for (const { name, help } of preset.features) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(help).toMatch(/^\S.{5,}/)
    }
  })

  it('reads metrics of node_exporter only', () => {
    for (const { expr } of preset.features) {
      for (const metric of metricsOf(expr)) expect(metric).toMatch(/^node_[a-zA-Z0-9_]+$/)
    }
  })
})

it('has the base features of the seed project in classic, and more than 40 by default', () => {
  expect(presets.classic.features.map((feature) => feature.name)).toEqual([
    'cpu_usage',
    'memory_usage',
    'disk_read',
    'disk_write',
    'network_receive',
    'network_transmit',
    'active_processes',
  ])
  expect(presets['node-exporter'].features.length).toBeGreaterThanOrEqual(40)
})

it('joins presets, with each heartbeat once', () => {
  const joined = catalogueOf([presets.classic, presets['node-exporter'], database])

  expect(joined.heartbeats).toEqual(['node_time_seconds', 'pg_stat_database_numbackends'])
  expect(joined.features.at(-1)?.name).toBe('database_connections')
})

it('refuses a feature defined twice, and no preset at all', () => {
  const twice = {
    heartbeat: 'up',
    features: [feature('a', 'count', '', gauge('x')), feature('a', 'count', '', gauge('y'))],
  }

  expect(() => catalogueOf([twice])).toThrow('feature a is defined twice')
  expect(() => catalogueOf([])).toThrow(RangeError)
})
