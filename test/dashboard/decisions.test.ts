import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChromium } from '../support/chromium.ts'
import { until } from '../support/deadline.ts'
import { section, visit as visitOf } from './visit.ts'
import { startWorld, type World } from './world.ts'

let world: World
let browser: Browser

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld(), startChromium()])
})
afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

const visit = (hash: string) => visitOf(browser, world.daemon().url, hash)
const ledgerRow = (page: Page, name: RegExp) => section(page, 'Ledger').getByRole('row', { name })
const questionOf = (page: Page, deed: string) =>
  section(page, 'Waiting for approval').getByRole('listitem').filter({ hasText: deed })

async function isFrozen(): Promise<boolean> {
  const answer = await fetch(`${world.daemon().url}/api/v1/freeze`)
  return ((await answer.json()) as { frozen: boolean }).frozen
}

describe('a yes', () => {
  it('is asked with the exact call, does it, and is followed until the proof', async () => {
    const { page, problems } = await visit('#/actions')
    await world.breaks('search', 'crash_loop')
    const question = questionOf(page, 'Restart search')
    await question.getByText(`POST ${world.simulator.url}/actions {"action":"restart","service":"search"}`).waitFor()

    await question.getByRole('button', { name: 'Approve' }).click()
    expect(await world.faultsOf('search')).toEqual(['crash_loop'])
    await question.getByRole('button', { name: 'Restart search' }).click()
    await until(async () => (await world.faultsOf('search')).length === 0, { what: 'the restart', withinMs: 60_000 })
    await world.isWell('search')

    await ledgerRow(page, /Restart search verified/).waitFor()
    await question.waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Restart search' }).first().click()
    await section(page, 'One action').getByText('approved by').waitFor()
    await ledgerRow(page, /Restart search/)
      .getByRole('link', { name: 'incident', exact: true })
      .click()
    for (const words of ['detected', 'acted', 'verified', 'recovered']) {
      await page.getByRole('listitem').filter({ hasText: words }).first().waitFor()
    }
    await page.getByRole('button', { name: 'Useful', exact: true }).click()
    await page.getByRole('button', { name: 'Useful', exact: true, pressed: true }).waitFor()
    expect(problems()).toEqual([])
  })
})

describe('a no', () => {
  it('is asked once more, and nothing is done', async () => {
    const { page, problems } = await visit('#/')
    await world.breaks('cart', 'high_error_rate')
    const matter = section(page, 'What needs me').getByRole('listitem').filter({ hasText: 'Throttle cart?' })

    await matter.getByRole('button', { name: 'Deny' }).click()
    await matter.getByRole('button', { name: 'Do not throttle cart' }).click()
    await matter.getByText('Throttle cart?').waitFor({ state: 'detached' })

    await page.getByRole('link', { name: 'Actions' }).click()
    await ledgerRow(page, /Throttle cart refused/).waitFor()
    expect(await world.faultsOf('cart')).toEqual(['high_error_rate'])
    expect(problems()).toEqual([])
  })
})

describe('Freeze', () => {
  it('asks why, shows it to everybody, holds actions back, and is lifted the same way', async () => {
    const [mine, theirs] = [await visit('#/rules'), await visit('#/status')]
    const band = 'All actions are frozen'

    await mine.page.getByRole('button', { name: 'Freeze' }).click()
    const dialog = mine.page.getByRole('dialog', { name: 'Freeze all actions' })
    await dialog.getByLabel(/Why/).fill('release tonight')
    expect(await isFrozen()).toBe(false)
    await dialog.getByRole('button', { name: 'Freeze all actions' }).click()

    for (const { page } of [mine, theirs]) {
      await page.locator('.shell-band').getByText(band).waitFor()
      await page.locator('.shell-band').getByText('release tonight').waitFor()
    }
    expect(await isFrozen()).toBe(true)
    await world.breaks('fraud', 'crash_loop')
    await theirs.page.getByRole('link', { name: 'Actions' }).click()
    await ledgerRow(theirs.page, /Restart fraud refused.*release tonight/).waitFor()
    expect(await world.faultsOf('fraud')).toEqual(['crash_loop'])

    await theirs.page.getByRole('button', { name: 'Unfreeze' }).click()
    await theirs.page.getByRole('button', { name: 'Unfreeze actions' }).click()
    for (const { page, problems } of [mine, theirs]) {
      await page.locator('.shell-band').getByText(band).waitFor({ state: 'detached' })
      expect(problems()).toEqual([])
    }
    expect(await isFrozen()).toBe(false)
  })
})
