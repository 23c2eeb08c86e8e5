import { describe, expect, it } from 'vitest'
import type { Action } from '../domain/action.ts'
import { acknowledged } from '../domain/incident.ts'
import { composeNotice } from './compose.ts'
import { formatNumber, readTemplates } from './templates.ts'
import { AT, incidentWith, matterWith } from './testing/notices.ts'

const builtIn = readTemplates({}, true)

function actionIn(state: Action['state'], reason = ''): Action {
  return {
    id: 'a-1',
    incidentId: 'i-1',
    key: 'k',
    target: 'web-1:9100@node',
    group: 'node',
    action: 'restart',
    parameters: {},
    severity: 'high',
    mode: 'auto',
    rule: 'cpu',
    step: 0,
    verification: { afterMs: 0, withinMs: 0 },
    state,
    reason,
    by: 'homeostat',
    call: 'systemctl restart web.service',
    epoch: 1,
    createdAt: AT,
    expiresAt: AT,
    startedAt: AT + 20_000,
  }
}

describe('a notice', () => {
  it('tells the whole story of an incident, with its times', () => {
    const matter = matterWith({ state: 'recovered', summary: 'Load is <high>' })
    const [{ incident }] = matter.incidents
    const whole = acknowledged(incident, AT + 1_000, 'telegram:42')
    const actions = [actionIn('VERIFIED', 'the level is back to normal')]

    const notice = composeNotice({ ...matter, incidents: [{ incident: whole, severity: 'high', actions }] }, builtIn)

    expect(notice.title).toBe('web-1:9100@node: cpu_saturation (high, recovered)')
    expect(notice.text('plain', 10_000)).toBe(
      [
        'web-1:9100@node: cpu_saturation (high, recovered)',
        'something is wrong',
        'detected 10:00:00 → acting 10:00:20 → recovered 10:01:30 UTC',
        'Cause: cpu_saturation (80 %)',
        '• cpu_busy_ratio 0.98, expected 0.21',
        '• load 41.2k',
        'Alert HighLoad: Load is <high>',
        'restart of web-1:9100@node helped (the level is back to normal): systemctl restart web.service',
        'Acknowledged by telegram:42',
        '',
        'Dashboard: https://homeostat.example.org/#/incidents/i-1',
      ].join('\n'),
    )
  })

  it('of what concerns the whole says just that', () => {
    const message = {
      key: 'x',
      kind: 'frozen',
      at: AT,
      severity: 'critical',
      labels: {},
      text: 'frozen by ann',
    } as const
    const notice = composeNotice({ ...matterWith(), messages: [message], incidents: [], links: [] }, builtIn)

    expect(notice.text('plain', 1_000)).toBe('frozen by ann')
  })

  it('shows no feature without a value or a share, and no reason that is none', () => {
    const silent = [
      { feature: 'idle', share: 0, actual: 0.1, expected: 0.1 },
      { feature: 'gone', share: 0.1, actual: Number.NaN, expected: Number.NaN },
    ]
    const incident = incidentWith({})
    const matter = { incident: { ...incident, highest: [...silent, ...incident.highest] }, severity: 'high' } as const

    const notice = composeNotice(
      { ...matterWith(), incidents: [{ ...matter, actions: [actionIn('AWAITING_APPROVAL', 'unknown')] }] },
      builtIn,
    )

    expect(notice.incidents[0].features.map(({ feature }) => feature)).toEqual(['cpu_busy_ratio', 'load'])
    expect(notice.text('plain', 1_000)).not.toMatch(/idle|gone|\(unknown\)/)
  })

  it('of a group names each of its incidents', () => {
    const matter = matterWith()
    const other = { ...incidentWith({ target: 'web-2:9100@node' }), id: 'i-2' }
    const incidents = [...matter.incidents, { incident: other, severity: 'low' as const, actions: [] }]

    const notice = composeNotice({ ...matter, incidents }, builtIn)

    expect(notice.title).toBe('web-1:9100@node: cpu_saturation (high, opened) and 1 more')
    expect(notice.text('html', 10_000)).toContain('<b>web-2:9100@node</b> low, opened')
  })

  it('of a storm shows twenty, and counts the others', () => {
    const storm = Array.from({ length: 100 }, (_, i) => {
      return { incident: incidentWith({ target: `s-${i}` }), severity: 'low' as const, actions: [] }
    })

    const notice = composeNotice({ ...matterWith(), incidents: storm }, builtIn)

    expect(notice.title).toMatch(/^s-0: .* and 99 more$/)
    const text = notice.text('plain', 100_000)
    expect(text).toContain('s-19 ')
    expect(text).not.toContain('s-20 ')
    expect(text).toContain('… and 80 more')
  })

  it('says so when others could not be told', () => {
    const matter = matterWith()
    const addressed = { to: 'mail', because: 'fallback', failed: ['oncall', 'chat'] } as const

    const notice = composeNotice({ ...matter, messages: [{ ...matter.messages[0], addressed }] }, builtIn)

    expect(notice.event).toBe('something is wrong (told here because oncall, chat could not be)')
  })

  it('makes of a target’s name neither code of a template nor a markup', () => {
    const target = `{{ 1 | plus: 1 }}${'\uE000'}{% raw %}<b>{{constructor.constructor('return process')()}}`
    const notice = composeNotice(matterWith({ target }), builtIn)

    expect(notice.text('html', 10_000)).toContain(
      "{{ 1 | plus: 1 }} {% raw %}&lt;b&gt;{{constructor.constructor('return process')()}}",
    )
  })
})

describe('a template of the user', () => {
  it('says what it wants, in any markup', () => {
    const templates = readTemplates({
      title: '{{ target | upcase }}',
      text: '{{ severity | bold }} < {{ cause | code }}',
    })
    const notice = composeNotice(matterWith(), templates)

    expect(notice.text('html', 1_000)).toBe('<b>WEB-1:9100@NODE</b>\n<b>high</b> &lt; <code>cpu_saturation</code>')
    expect(notice.text('mrkdwn', 1_000)).toBe('*WEB-1:9100@NODE*\n*high* &lt; `cpu_saturation`')
  })

  it.each([
    ["{% include '/etc/passwd' %}", 'tag "include" not found'],
    ["{% render '/etc/passwd' %}", 'tag "render" not found'],
    ["{% layout '/etc/passwd' %}", 'tag "layout" not found'],
    ['{{ target | no_such }}', 'undefined filter: no_such'],
    ['{{ targt }}', 'undefined variable: targt'],
    ['{% if %}', ''],
    ['{{ target', ''],
    ['x'.repeat(20_001), 'parse length limit exceeded'],
  ])('such as %.40j is found wrong when it is read', (text, problem) => {
    expect(() => composeNotice(matterWith(), readTemplates({ text }, true))).toThrow(problem)
  })

  it('reaches nothing but its values', () => {
    const text = '[{{ target.constructor }}{{ incidents.constructor }}{{ __proto__ }}{{ labels.__proto__ }}]'
    const notice = composeNotice(matterWith(), readTemplates({ text }))

    expect(notice.text('plain', 1_000)).toMatch(/\n\[\]$/)
  })

  it.each([
    '{% for i in (1..100000000) %}x{% endfor %}',
    '{% for i in (1..10000) %}{% for j in (1..10000) %}{{ i | times: j }}{% endfor %}{% endfor %}',
    "{% assign a = 'xxxxxxxxxx' %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
  ])('that would take for ever is stopped: %s', (text) => {
    const began = performance.now()

    expect(() => composeNotice(matterWith(), readTemplates({ text }))).toThrow(/limit exceeded/)

    expect(performance.now() - began).toBeLessThan(3_000)
  })
})

it('numbers are short', () => {
  const written = [0, 0.97345, 412.4, 1_234, 41_230, 1.5e9, -3.1234, Number.NaN, null, 7e30].map(formatNumber)

  expect(written).toEqual(['0', '0.973', '412', '1234', '41.2k', '1.5G', '-3.12', '–', '–', '7000000000000000P'])
})
