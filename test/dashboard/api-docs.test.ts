import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { openTab, startChromium } from '../support/chromium.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'

let daemon: Daemon
let browser: Browser

beforeAll(async () => {
  ;[daemon, browser] = await Promise.all([
    startDaemon({ config: { source: { type: 'push' }, interval: '1s' } }),
    startChromium(),
  ])
  await daemon.ready(60_000)
})
afterAll(async () => {
  await browser?.close()
  await daemon?.stop()
})

it('the description of the API shows every operation, and lets one be tried, under the strict policy', async () => {
  const answer = await fetch(`${daemon.url}/api/v1/openapi.json`)
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, unknown>> }
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => ['get', 'post', 'put', 'delete', 'patch'].includes(method))
      .map((method) => `${method.toUpperCase()} ${path}`),
  )
  const { page, problems, close } = await openTab(browser)
  onTestFinished(close)

  await page.goto(`${daemon.url}/api/docs`)
  await expect.poll(() => page.locator('.opblock').count()).toBe(operations.length)
  const shown = await page
    .locator('.opblock-summary')
    .evaluateAll((all) =>
      all.map((each) =>
        [...each.querySelectorAll('.opblock-summary-method, .opblock-summary-path')].map((part) => part.textContent),
      ),
    )
  const freeze = page.locator('.opblock').filter({ hasText: /^GET\/api\/v1\/freeze/ })
  await freeze.locator('.opblock-summary-control').click()
  await freeze.getByRole('button', { name: 'Try it out' }).click()
  await freeze.getByRole('button', { name: 'Execute' }).click()
  await freeze.locator('.live-responses-table').getByText('"frozen"').waitFor()

  const names = shown.map((parts) => parts.join(' ').replaceAll('\u200b', ''))
  expect(operations.length).toBeGreaterThan(20)
  expect(names.sort()).toEqual(operations.sort())
  expect(problems()).toEqual([])
})
