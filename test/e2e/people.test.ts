import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ActionAnswer, bookOf, type SentAlert, sendAlerts } from '../support/alerts.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { bearer, GUARDED, SECRETS } from '../support/web.ts'

let dir: string
let effects: string
let rules: string
let daemon: Daemon | undefined

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-people-'))
  effects = join(dir, 'effects')
  rules = join(dir, 'rules.yaml')
})
afterEach(async () => {
  await daemon?.stop()
  rmSync(dir, { recursive: true, force: true })
})

const lines = () => (existsSync(effects) ? readFileSync(effects, 'utf8').trim().split('\n') : [])

/** A daemon that asks who people are; its only rule answers the alert `Hanging` with a command that leaves a line. */
async function start(mode: 'approve' | 'auto', seconds = 0): Promise<Daemon> {
  const program = join(dir, 'note')
  writeFileSync(program, `#!/usr/bin/env sh\necho "$2" >> ${effects}\nsleep ${seconds}\n`, { mode: 0o755 })
  const rule = { name: 'note', priority: 1, when: '"Hanging" in alerts', action: 'exec', severity: 'high' }
  const verification = { after: '1s', within: '5m' }
  writeFileSync(rules, JSON.stringify({ rules: [{ ...rule, parameters: { command: 'note' }, verification }] }))
  const slots = [{ label: 'instance', pattern: '[a-z0-9-]+' }]
  daemon = await startDaemon({
    env: GUARDED.env,
    dataDir: join(dir, 'data'),
    config: {
      ...GUARDED.config,
      interval: '1s',
      source: { local: { rate_window: '2s' } },
      targets: { stale_after: '5s' },
      remediation: { mode, rules: [rules], groups: { sizes: { web: 100, db: 100 } } },
      actions: { exec: { commands: [{ name: 'note', match: '{job=~"web|db"}', argv: [program], slots }] } },
    },
  })
  await daemon.ready()
  return daemon
}

const book = () => bookOf(daemon!, bearer(SECRETS.read))

async function alert(instance: string, more: Partial<SentAlert> = {}): Promise<void> {
  const labels = { alertname: 'Hanging', instance, job: instance.split('-')[0] }
  expect((await sendAlerts(daemon!, [{ labels, ...more }], {}, bearer(SECRETS.sender))).ok).toBe(true)
}

function ask(path: string, token: string, body?: unknown): Promise<Response> {
  const headers = { ...bearer(token), 'Content-Type': 'application/json' }
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  return fetch(`${daemon!.url}${path}`, init)
}

const byHand = (target: string, token: string = SECRETS.operate) =>
  ask('/api/v1/actions', token, { target, action: 'exec', parameters: { command: 'note' }, reason: 'it hangs' })
const asAction = async (answer: Promise<Response>) => (await (await answer).json()) as ActionAnswer & { by: string }

const inState = (target: string, state: string) => async () =>
  (await book().actionsOn(target)).find((one) => one.state === state) ?? false
const refusedBecause = (target: string, why: RegExp) => async () =>
  (await book().actionsOn(target)).find(({ state, reason }) => state === 'REFUSED' && why.test(reason)) ?? false

describe('the kill switch', () => {
  it('holds from the answer on, over a kill -9, for rules and people alike, until it is lifted', {
    timeout: 60_000,
  }, async () => {
    const { waitFor, signal, isAlive } = await start('auto')
    const startsAt = new Date()
    await alert('web-known', { startsAt })
    await waitFor('a first effect', () => lines().length === 1)

    expect((await ask('/api/v1/freeze', SECRETS.operate, { reason: 'release' })).status).toBe(200)
    const asked = await asAction(byHand('web-known@web'))
    await alert('web-frozen')
    await waitFor('a refusal', refusedBecause('web-frozen@web', /^kill_switch: frozen by api:operate: release$/))
    signal('SIGKILL')
    await waitFor('its end', () => !isAlive()).catch(() => {})
    const second = await start('auto')
    await alert('web-again')
    await second.waitFor('a refusal', refusedBecause('web-again@web', /^kill_switch/))

    expect(asked).toMatchObject({
      state: 'REFUSED',
      reason: 'kill_switch: frozen by api:operate: release',
      by: 'api:operate',
    })
    expect(await second.metric('homeostat_frozen')).toBe(1)
    expect(lines()).toEqual(['web-known'])
    await alert('web-known', { startsAt, status: 'resolved' })
    await second.waitFor('the proof', inState('web-known@web', 'VERIFIED'))
    expect((await ask('/api/v1/unfreeze', SECRETS.operate, {})).status).toBe(403)
    expect((await ask('/api/v1/unfreeze', SECRETS.admin, {})).status).toBe(200)
    await second.waitFor('an effect', () => lines().length === 2)
  })

  it('is pulled by a storm, holds when that is over and over a restart, and goes with a reason', {
    timeout: 60_000,
  }, async () => {
    const { waitFor, stop } = await start('auto')
    const startsAt = new Date()
    const ill = Array.from({ length: 21 }, (_, i) => ({ alertname: 'Hanging', instance: `web-${i}`, job: 'web' }))
    const sendAll = async (status: SentAlert['status']) => {
      const alerts = ill.map((labels) => ({ labels, status, startsAt }))
      expect((await sendAlerts(daemon!, alerts, {}, bearer(SECRETS.sender))).ok).toBe(true)
    }
    const frozen = async () => (await (await ask('/api/v1/freeze', SECRETS.read)).json()) as { frozen: boolean }

    await sendAll('firing')
    const freeze = await waitFor('the freeze', async () => (await frozen()).frozen && frozen())
    const metric = async () => (await daemon!.metric('homeostat_frozen')) === 1
    await waitFor('the metric', metric)
    await sendAll('resolved')
    await stop()
    const second = await start('auto')
    await alert('db-1')
    await second.waitFor('a refusal', refusedBecause('db-1@db', /^kill_switch: frozen by homeostat: 21 of 100 targets/))

    expect(freeze).toMatchObject({
      by: 'homeostat',
      reason: '21 of 100 targets of the group web are unhealthy, more than 20 %: look why, then unfreeze',
    })
    expect(lines()).toEqual([])
    expect((await ask('/api/v1/unfreeze', SECRETS.admin, { reason: 'the switch is mended' })).status).toBe(200)
    await second.waitFor('an effect', () => lines().length === 1)
    expect(second.logs()).toMatch(/"by":"api:admin","reason":"the switch is mended".*unfrozen by a person/)
  })

  it('is a file too, and nobody lifts that by the API', async () => {
    const { dataDir, waitFor } = await start('auto')
    await alert('web-known')
    await waitFor('a first effect', () => lines().length === 1)

    writeFileSync(join(dataDir, 'freeze'), '')
    const asked = await asAction(byHand('web-known@web'))
    const lifted = await ask('/api/v1/unfreeze', SECRETS.admin, {})

    expect(asked).toMatchObject({ state: 'REFUSED', reason: expect.stringMatching(/^kill_switch: frozen by file/) })
    expect(await lifted.json()).toMatchObject({ frozen: true, by: 'file' })
    expect(lines()).toEqual(['web-known'])
  })
})

describe('a person', () => {
  it('who says yes after the target has recovered is told so, and nothing is done', async () => {
    const { waitFor } = await start('approve')
    const startsAt = new Date()
    await alert('web-1', { startsAt })
    const { id } = await waitFor('the question', inState('web-1@web', 'AWAITING_APPROVAL'))

    await alert('web-1', { startsAt, status: 'resolved' })
    const answer = await ask(`/api/v1/actions/${id}/approve`, SECRETS.operate, {})

    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'action_not_waiting', detail: expect.stringContaining('well') })
    expect((await book().actionsOn('web-1@web')).map(({ state }) => state)).toEqual(['EXPIRED'])
    expect(lines()).toEqual([])
  })

  it('who says yes twice, or yes and no, is heard once', async () => {
    const { waitFor } = await start('approve')
    await alert('web-1')
    const { id } = await waitFor('the question', inState('web-1@web', 'AWAITING_APPROVAL'))

    const answers = await Promise.all(
      ['approve', 'approve', 'deny', 'approve'].map((word) =>
        ask(`/api/v1/actions/${id}/${word}`, SECRETS.operate, {}),
      ),
    )

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
    if (answers[2].status === 409) await waitFor('the effect', () => lines().length === 1)
  })

  it('who asks for an action goes through the same guards', async () => {
    const { waitFor } = await start('auto')
    await alert('web-1')
    await waitFor('the effect', () => lines().length === 1)
    await waitFor('its end', inState('web-1@web', 'SUCCEEDED'))

    const busy = await asAction(byHand('web-1@web'))
    await alert('web-1', { status: 'resolved' })
    const unknown = await byHand('web-9@web')

    expect(busy).toMatchObject({ state: 'REFUSED', rule: 'manual', reason: expect.stringMatching(/^cooldown: /) })
    expect(unknown.status).toBe(404)
    expect((await byHand('web-1@web', SECRETS.read)).status).toBe(403)
    expect(lines()).toEqual(['web-1'])
  })

  it('sees and decides nothing outside of the labels of their token', async () => {
    const { waitFor } = await start('approve')
    await alert('web-1')
    await alert('db-1')
    const own = await waitFor('a question', inState('web-1@web', 'AWAITING_APPROVAL'))
    const other = await waitFor('another question', inState('db-1@db', 'AWAITING_APPROVAL'))

    const statuses = await Promise.all([
      ask(`/api/v1/actions/${other.id}`, SECRETS.scoped),
      ask(`/api/v1/actions/${other.id}/approve`, SECRETS.scoped, {}),
      ask(`/api/v1/actions/${other.id}/deny`, SECRETS.scoped, {}),
      byHand('db-1@db', SECRETS.scoped),
    ])
    const seen = await bookOf(daemon!, bearer(SECRETS.scoped)).actions()

    expect(statuses.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect(seen.map(({ target }) => target)).toEqual(['web-1@web'])
    expect((await ask('/api/v1/freeze', SECRETS.scoped, {})).status).toBe(403)
    expect((await ask(`/api/v1/actions/${own.id}/approve`, SECRETS.scoped, {})).status).toBe(200)
    await waitFor('the effect', () => lines().length === 1)
    expect(lines()).toEqual(['web-1'])
  })
})

describe('a reload', () => {
  it('lets what is under way end, and does it once', async () => {
    const { waitFor, url } = await start('auto', 3)
    await alert('web-1')
    await waitFor('the start', () => lines().length === 1)

    const answer = await fetch(`${url}/-/reload`, { method: 'POST', headers: bearer(SECRETS.admin) })
    await waitFor('its end', inState('web-1@web', 'SUCCEEDED'))

    expect(answer.status).toBe(200)
    expect(lines()).toEqual(['web-1'])
  })

  it('with a broken rule says where, and the rules from before go on', async () => {
    const { waitFor, url, metric } = await start('auto')
    const good = readFileSync(rules, 'utf8')
    writeFileSync(rules, good.replace('"when":"\\"Hanging\\" in alerts"', '"when":"cpu_percnt > 1"'))

    const answer = await fetch(`${url}/-/reload`, { method: 'POST', headers: bearer(SECRETS.admin) })
    await alert('web-1')
    await waitFor('the effect', () => lines().length === 1)

    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(await answer.text()).toMatch(/rules\.yaml:\d+:\d+.*cpu_percnt/)
    expect(await metric('homeostat_config_last_reload_successful')).toBe(0)
  })
})
