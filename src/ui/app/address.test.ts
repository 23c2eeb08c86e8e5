import { describe, expect, it } from 'vitest'
import { href, incidentPath, pathOf, routeOf, targetPath } from './address.ts'

describe('an address', () => {
  it.each([
    ['', 'fleet'],
    ['#/', 'fleet'],
    ['#/targets', 'fleet'],
    ['#/incidents', 'incidents'],
    ['#/actions?state=AWAITING_APPROVAL', 'actions'],
    ['#/status', 'status'],
    ['#/nowhere', 'unknown'],
    ['#/targets/a/b', 'unknown'],
    ['#/constructor', 'unknown'],
    ['#/toString/x', 'unknown'],
  ])('%s names the page %s', (hash, page) => {
    expect(routeOf(hash).page).toBe(page)
  })

  it.each(['web-1:9100@node', 'a/b?c=d&e#f@push', '100 %@push', 'größe@push'])('keeps the id %s', (id) => {
    const route = routeOf(href(targetPath(id), { from: '2026-11-21T10:00:00Z' }))

    expect(route).toEqual({ page: 'target', id, params: { from: '2026-11-21T10:00:00Z' } })
  })

  it('of an incident is the one that notifications link to', () => {
    expect(href(incidentPath('01JD'))).toBe('#/incidents/01JD')
  })

  it('that was cut within a character still opens', () => {
    expect(routeOf('#/targets/a%4').id).toBe('a%4')
  })

  it('leaves out what is not set', () => {
    expect(href('/', { q: '', state: undefined, job: 'node' })).toBe('#/?job=node')
  })

  it('has a path without its parameters', () => {
    expect(pathOf('#/incidents?state=open')).toBe('/incidents')
    expect(pathOf('')).toBe('/')
  })
})
