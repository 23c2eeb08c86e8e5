import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeViolations, startChromium, type Tab } from '../support/chromium.ts'
import { until } from '../support/deadline.ts'
import { bearer, GUARDED, SECRETS } from '../support/web.ts'
import { isLive, open as openAt, section, tileOf } from './visit.ts'
import { startWorld, type World } from './world.ts'

let dir: string
let world: World
let browser: Browser

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-sign-in-'))
  writeFileSync(join(dir, 'token'), SECRETS.admin, { mode: 0o600 })
  const { web, webhooks } = GUARDED.config
  const guarded = { config: { web, webhooks }, env: GUARDED.env, headers: bearer(SECRETS.admin) }
  const simulate = ['--token-file', join(dir, 'token')]
  ;[world, browser] = await Promise.all([
    startWorld({ ...guarded, simulate, sender: bearer(SECRETS.sender) }),
    startChromium(),
  ])
  await world.breaks('search', 'crash_loop')
  await world.incidentOf('search')
})
afterAll(async () => {
  await browser?.close()
  await world?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** A tab of somebody who has not signed in. */
const open = (hash: string) => openAt(browser, world.daemon().url, hash, { requestsMayFail: true })

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('API token or JWT').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function openAs(token: string, hash: string): Promise<Tab> {
  const tab = await open(hash)
  await signIn(tab.page, token)
  await isLive(tab.page)
  return tab
}

describe('who has not signed in', () => {
  it('sees nothing but where to sign in; then the page that was asked for', async () => {
    const { page, problems } = await open('#/targets/ledger%40push')
    await page.getByRole('heading', { name: 'Sign in to Homeostat' }).waitFor()

    const objections = await axeViolations(page)
    await signIn(page, 'not-a-token-of-anybody')
    await page.getByRole('alert').getByText('That is not known here').waitFor()
    await signIn(page, SECRETS.read)

    await page.getByRole('heading', { name: 'ledger@push' }).waitFor()
    expect(objections).toEqual([])
    expect(problems()).toEqual([])
    const cookies = await page.context().cookies()
    expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }])
    expect(await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')).not.toContain(SECRETS.read)
  })
})

describe('who may only look', () => {
  it('sees what waits, and why they cannot press it', async () => {
    const { page } = await openAs(SECRETS.read, '#/')
    const approve = section(page, 'What needs me').getByRole('button', { name: 'Approve' })
    await approve.waitFor()

    expect(await approve.getAttribute('aria-disabled')).toBe('true')
    await approve.click({ force: true })
    await section(page, 'What needs me').getByText('this needs the role operate').first().waitFor()
    expect(await page.getByRole('button', { name: 'Restart search' }).count()).toBe(0)
    const freeze = page.getByRole('button', { name: 'Freeze' })
    expect(await freeze.getAttribute('aria-disabled')).toBe('true')
    expect(await freeze.getAttribute('title')).toContain('Freezing needs the role operate')
    await freeze.click({ force: true })
    await page.getByRole('dialog').getByText('Freezing needs the role operate').waitFor()
    expect(await page.getByRole('button', { name: 'Freeze all actions' }).count()).toBe(0)
    expect(await axeViolations(page)).toEqual([])
  })
})

describe('who sees a part of the fleet', () => {
  it('is told what is not for them', async () => {
    const { page } = await openAs(SECRETS.scoped, '#/kpis')

    await page.getByText('Not for you').waitFor()
  })
})

describe('who may act', () => {
  it('approves in a session of their own, may not unfreeze, and signs out', async () => {
    const { page, problems } = await openAs(SECRETS.operate, '#/')
    const matter = section(page, 'What needs me').getByRole('listitem').filter({ hasText: 'Restart search?' })

    await matter.getByRole('button', { name: 'Approve' }).click()
    await matter.getByRole('button', { name: 'Restart search' }).click()
    await until(async () => (await world.faultsOf('search')).length === 0, { what: 'the restart', withinMs: 60_000 })
    await tileOf(page, 'search').waitFor()
    await page.getByRole('button', { name: 'operate' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()

    await page.getByRole('heading', { name: 'Sign in to Homeostat' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in to Homeostat' }).waitFor()
    expect(problems()).toEqual([])
  })
})
