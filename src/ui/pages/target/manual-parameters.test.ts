import { describe, expect, it } from 'vitest'
import { parameterFields, parametersOf } from './manual-parameters.ts'

describe('parametersOf', () => {
  it('sends numbers as numbers, and nothing that was left empty', () => {
    expect(parametersOf('throttle', { requests_per_second: ' 20 ', cpus: '' })).toEqual({ requests_per_second: 20 })
  })

  it('does not send what was filled in for another action', () => {
    expect(parametersOf('restart', { command: 'flush' })).toEqual({})
    expect(parametersOf('exec', { command: 'flush', request: 'x' })).toEqual({ command: 'flush' })
  })

  it('leaves to the API what is no number', () => {
    expect(parametersOf('throttle', { cpus: 'half' })).toEqual({ cpus: 'half' })
  })
})

describe('parameterFields', () => {
  it('are none for a restart', () => {
    expect(parameterFields('restart')).toEqual([])
  })
})
