import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../config/problem.ts'
import { SHOP } from '../../simulate/service.ts'
import { readFaultFile, readWorldFile } from './world-file.ts'

describe('a world of one’s own', () => {
  it('has services, calls and faults', () => {
    const text = `
services:
  - { name: web, tier: edge, machine: m1, calls: [api, api] }
  - { name: api }
faults:
  - { at: 90s, service: api, kind: memory_leak, ticks: 20, strength: 1.1 }
  - { service: web, kind: traffic_drop }
`
    const { value, problems } = readWorldFile('world.yaml', text)

    expect(problems).toEqual([])
    expect(value).toEqual({
      services: [
        { name: 'web', tier: 'edge', machine: 'm1', dependsOn: ['api'] },
        { name: 'api', tier: 'app', machine: 'm1', dependsOn: [] },
      ],
      faults: [
        { at: 90_000, service: 'api', kind: 'memory_leak', ticks: 20, strength: 1.1 },
        { at: 0, service: 'web', kind: 'traffic_drop', strength: 1 },
      ],
    })
  })

  it.each([
    ['services: []', 'world.yaml:1:11: services: '],
    ['faults: []', 'world.yaml'],
    ['services: [{ name: a, teir: x }]', 'world.yaml:1:23: services[0].teir: is not a known key (did you mean tier?)'],
    ['services: [{ name: a/b }]', 'world.yaml:1:20: services[0].name: must be letters'],
    ['services: [{ name: a, calls: [b] }]', 'a depends on b, which is no service of this world'],
    ['services: [{ name: a, calls: [a] }]', 'a depends on itself: a -> a'],
    ['services: [{ name: a }, { name: a }]', 'two services have the same name'],
    [
      'services: [{ name: a }]\nfaults: [{ service: b, kind: cpu_spike }]',
      'world.yaml:2:21: faults[0].service: b is no',
    ],
    ['services: [{ name: a }]\nfaults: [{ service: a, kind: cpu_spik }]', '(did you mean cpu_spike?)'],
    ['services: [{ name: a }]\nfaults: [{ service: a, kind: cpu_spike, at: 5 }]', 'must be a duration'],
    [
      'services: [{ name: a }]\nfaults: [{ service: a, kind: cpu_spike, ticks: 0 }]',
      'faults[0].ticks: must be at least 1',
    ],
  ])('is refused with the place: %s', (text, expected) => {
    const { value, problems } = readWorldFile('world.yaml', text)

    expect(value).toBeUndefined()
    expect(problems.map(formatProblem).join('\n')).toContain(expected)
  })
})

describe('a schedule of faults', () => {
  it('is for the services of the world', () => {
    const text = 'faults: [{ service: cart, kind: cpu_spike }, { service: card, kind: cpu_spike }]'

    const { value, problems } = readFaultFile('faults.yaml', text, SHOP)

    expect(value).toBeUndefined()
    expect(problems.map(formatProblem)).toEqual([
      'faults.yaml:1:57: faults[1].service: card is no service of this world',
    ])
  })

  it('is read as it stands', () => {
    const { value } = readFaultFile('faults.yaml', 'faults: [{ at: 1m, service: cart, kind: cpu_spike }]', SHOP)

    expect(value).toEqual([{ at: 60_000, service: 'cart', kind: 'cpu_spike', strength: 1 }])
  })
})
