/**
 * `npm run screenshots`: some minutes of the simulated shop, watched by the built daemon, and pictures of the dashboard into
 * `docs/images`. One service is healed after a person's yes, two others wait for one. It needs Debian's chromium.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { startWorld, type World } from '../test/dashboard/world.ts'
import { openTab, startChromium, type TabOptions } from '../test/support/chromium.ts'
import { withPalette } from './palette-png.ts'

const IMAGES = join(import.meta.dirname, '../docs/images')
const MOST_BYTES = 150_000
const PATIENCE_MS = 120_000
/** A reading of each service every half second, always the same ones. */
const WORLD = ['--interval', '500ms', '--seed', '7']
/** The healed one falls ill after so long, the others later: charts have a point each quarter of a minute. */
const FIRST_S = 120
const LATER_S = 210
const ILL = { search: 'crash_loop', cart: 'high_error_rate' }

const DESKTOP = { viewport: { width: 1280, height: 320 } }
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 } as const
const DARK = { colorScheme: 'dark' } as const

interface ActionSeen {
  readonly id: string
  readonly target: string
  readonly state: string
  readonly incident_id: string
}

async function get<T>(world: World, path: string): Promise<T> {
  return (await (await fetch(`${world.daemon().url}/api/v1/${path}`)).json()) as T
}

async function actionIn(world: World, service: string, states: readonly string[]): Promise<ActionSeen> {
  const find = async () => {
    const { items } = await get<{ items: ActionSeen[] }>(world, 'actions?limit=100')
    return items.find(({ target, state }) => target === `${service}@push` && states.includes(state))
  }
  return world.daemon().waitFor(`${states.join(' or ')} of ${service}`, find, { withinMs: PATIENCE_MS })
}

function age(world: World, seconds: number): Promise<unknown> {
  const isOld = async () => (await get<{ uptime_seconds: number }>(world, 'status')).uptime_seconds >= seconds
  return world
    .daemon()
    .waitFor(`a world ${seconds} s old`, isOld, { withinMs: PATIENCE_MS + 1000 * seconds, everyMs: 1000 })
}

/** What happens before the pictures. @returns the incident that was healed */
async function live(world: World): Promise<string> {
  await age(world, FIRST_S)
  await world.breaks('ledger', 'cpu_spike')
  const { id, incident_id } = await actionIn(world, 'ledger', ['AWAITING_APPROVAL'])
  await age(world, FIRST_S + 20)
  await fetch(`${world.daemon().url}/api/v1/actions/${id}/approve`, { method: 'POST' })
  await world.daemon().waitFor('the cure', async () => (await world.faultsOf('ledger')).length === 0)
  await world.isWell('ledger')
  await actionIn(world, 'ledger', ['VERIFIED'])
  await age(world, LATER_S)
  for (const [service, kind] of Object.entries(ILL)) await world.breaks(service, kind)
  for (const service of Object.keys(ILL)) await actionIn(world, service, ['AWAITING_APPROVAL'])
  const isCharted = async () => {
    const { points } = await get<{ points: { level: number | null }[] }>(world, 'targets/search%40push/scores')
    return points.slice(-3).every(({ level }) => (level ?? 0) > 1)
  }
  await world.daemon().waitFor('the alarm on the chart', isCharted, { withinMs: PATIENCE_MS })
  return incident_id
}

/** @param shows what has to be there. @throws {Error} where the page has an error, or the picture is too large for a document */
async function picture(
  browser: Browser,
  address: string,
  name: string,
  shows: string,
  options: TabOptions,
): Promise<void> {
  const { page, problems, close } = await openTab(browser, options)
  // What to set up next is for a first run, not for a picture of every day.
  await page.addInitScript("localStorage.setItem('homeostat-first-run', 'seen')")
  await page.goto(address)
  await page.getByText('live', { exact: true }).waitFor({ state: 'attached' })
  await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => {})
  await page.locator('.state-loading').first().waitFor({ state: 'detached' })
  await page.locator(shows).first().waitFor()
  const png = withPalette(await page.screenshot({ animations: 'disabled' }))
  await close()
  console.log(`docs/images/${name}.png: ${Math.round(png.length / 1000)} kB`)
  if (problems().length > 0) throw new Error(`${name}: ${problems().join('; ')}`)
  if (png.length > MOST_BYTES) throw new Error(`${name} is larger than ${MOST_BYTES / 1000} kB`)
  writeFileSync(join(IMAGES, `${name}.png`), png)
}

async function main(): Promise<void> {
  mkdirSync(IMAGES, { recursive: true })
  const [world, browser] = await Promise.all([
    startWorld({ simulate: WORLD, config: { interval: '5s' } }),
    startChromium(['--disable-lcd-text']),
  ])
  try {
    const incident = await live(world)
    const { at, started_at } = await get<{ at: string; started_at: string }>(world, 'status')
    const period = new URLSearchParams({ from: started_at, to: at })
    const to = (hash: string) => `${world.daemon().url}/${hash}`
    const take = (hash: string, name: string, shows: string, options: TabOptions) =>
      picture(browser, to(hash), name, shows, options)
    await take('#/', 'fleet', '.tile', DESKTOP)
    await take('#/', 'fleet-dark', '.tile', { ...DESKTOP, ...DARK })
    await take(`#/targets/search%40push?${period}`, 'target', '.sparkline', { viewport: { width: 1280, height: 900 } })
    await take(`#/incidents/${incident}`, 'incident', '.story', { viewport: { width: 1280, height: 860 } })
    await take('#/', 'phone', '.tile', PHONE)
  } finally {
    await browser.close()
    await world.stop()
  }
}

await main()
