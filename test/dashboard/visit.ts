import type { Browser, Locator, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { openTab, type Tab, type TabOptions } from '../support/chromium.ts'

/** @param hash with its sign: `#/incidents` */
export const addressOf = (url: string, hash: string) => `${url}/${hash}`

/** A tab at an address of the dashboard, closed with the test. */
export async function open(browser: Browser, url: string, hash: string, options?: TabOptions): Promise<Tab> {
  const tab = await openTab(browser, options)
  onTestFinished(tab.close)
  await tab.page.goto(addressOf(url, hash))
  return tab
}

/** The same, of who may look: when its line of events is there. */
export async function visit(browser: Browser, url: string, hash: string, options?: TabOptions): Promise<Tab> {
  const tab = await open(browser, url, hash, options)
  await isLive(tab.page)
  return tab
}

/** Resolves when what is shown is as it is now. On a phone a sign alone says so. */
export const isLive = (page: Page) => page.getByText('live', { exact: true }).waitFor({ state: 'attached' })

export const section = (page: Page, name: string): Locator => page.getByRole('region', { name })

export const tileOf = (page: Page, service: string): Locator => page.locator(`.tile[data-row="${service}@push"]`)
