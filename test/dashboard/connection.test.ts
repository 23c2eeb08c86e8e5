import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startChromium } from '../support/chromium.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { isLive, tileOf, visit } from './visit.ts'
import { startWorld } from './world.ts'

let browser: Browser

beforeAll(async () => {
  browser = await startChromium()
})
afterAll(() => browser?.close())

/** A daemon alone, until the test is over. */
async function daemonOf(config: Readonly<Record<string, unknown>>): Promise<Daemon> {
  const daemon = await startDaemon({ config })
  onTestFinished(() => void daemon.stop())
  await daemon.ready(60_000)
  return daemon
}

describe('the line to the daemon', () => {
  it('is taken up again after a kill, without a reload; until then the page says of when it is', async () => {
    const world = await startWorld()
    onTestFinished(world.stop)
    const { page, problems } = await visit(browser, world.daemon().url, '#/', { requestsMayFail: true })
    const level = () => tileOf(page, 'gateway').locator('.tile-level').textContent()
    await expect.poll(level).toMatch(/\d/)
    await page.evaluate('window.sameDocument = true')

    world.daemon().signal('SIGKILL')
    await page
      .getByRole('banner')
      .getByText(/^showing \d\d:\d\d:\d\d, retrying$/)
      .waitFor()
    const shown = await level()
    await page.getByRole('link', { name: 'Rules' }).click()
    await page.getByText('Homeostat does not answer').waitFor()
    await page.goBack()
    await world.restart()
    await isLive(page)

    expect(shown).toMatch(/\d/)
    await expect.poll(level).toMatch(/\d/)
    await expect.poll(level).not.toBe(shown)
    expect(await page.evaluate('window.sameDocument')).toBe(true)
    await page.getByRole('link', { name: 'Rules' }).click()
    await page.getByText('crash-loop').first().waitFor()
    expect(problems()).toEqual([])
  })
})

describe('what is not known', () => {
  it('is said of a target that has gone silent: no level, and since when', async () => {
    const world = await startWorld({ config: { targets: { stale_after: '3s' } } })
    onTestFinished(world.stop)
    const { page, problems } = await visit(browser, world.daemon().url, '#/')
    await expect.poll(() => tileOf(page, 'ledger').locator('.tile-level').textContent()).toMatch(/\d/)

    await world.simulator.stop()

    await page.getByRole('button', { name: 'no data 12' }).waitFor()
    await tileOf(page, 'ledger').getByText('no data').waitFor({ state: 'attached' })
    expect(await tileOf(page, 'ledger').locator('.tile-level').textContent()).toBe('')
    await tileOf(page, 'ledger').click()
    await page.getByText('No data of this target').waitFor()
    expect(problems()).toEqual([])
  })

  it('is said of a fleet that is empty, and what to do', async () => {
    const { url } = await daemonOf({ source: { type: 'push' }, interval: '1s' })

    const { page, problems } = await visit(browser, url, '#/')

    await page.getByText('No service has pushed a reading yet').waitFor()
    await page.getByRole('heading', { name: 'What to set up next' }).waitFor()
    expect(problems()).toEqual([])
  })

  it('is said while targets warm up, and until when', async () => {
    const { url } = await daemonOf({ source: { local: { rate_window: '2m' } }, interval: '5s' })

    const { page, problems } = await visit(browser, url, '#/')

    await page.getByText(/1 target of 1 is warming up: scores from \d\d:\d\d/).waitFor()
    await page.getByRole('button', { name: 'warming up 1' }).waitFor()
    expect(problems()).toEqual([])
  })

  it('is said of a source that does not answer', async () => {
    const nowhere = 'http://127.0.0.1:9'
    const daemon = await startDaemon({
      config: { source: { type: 'prometheus', prometheus: { url: nowhere } }, interval: '1s' },
    })
    onTestFinished(() => void daemon.stop())
    await daemon.waitFor('an answer', async () => (await fetch(`${daemon.url}/-/healthy`)).ok, { withinMs: 60_000 })

    const { page, problems } = await visit(browser, daemon.url, '#/status')

    await page.locator('.shell-band').getByText(`No answer from ${nowhere}`).waitFor()
    expect(problems()).toEqual([])
  })
})
