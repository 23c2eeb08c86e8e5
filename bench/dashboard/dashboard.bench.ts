import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { openTab, startChromium } from '../../test/support/chromium.ts'
import { type RunningDaemon, startDaemon } from '../daemon.ts'
import { replayPlan } from '../replay-plan.ts'
import { number, type Report } from '../report.ts'
import { startChild } from '../tick/child.ts'
import type { ReplayPlan, ReplayReady } from '../tick/replay-server.ts'
import { median } from '../timing.ts'

const SECTION = 'dashboard'
const HOSTS = 10_000
const INTERVAL_MS = 15_000
/** Each in a browser context of its own: nothing is cached. */
const LOADS = 7
const UPDATES = 4
const BUILT = new URL('../../dist/ui/', import.meta.url)

/** What a browser needs to show 10,000 targets, and to follow them. */
export async function benchDashboard(report: Report): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'homeostat-bench-'))
  const replay = startChild<ReplayPlan, ReplayReady>(new URL('../tick/replay-server.ts', import.meta.url))
  let daemon: RunningDaemon | undefined
  let browser: Browser | undefined
  try {
    const plan = replayPlan({ hosts: HOSTS, intervalMs: INTERVAL_MS, ticks: 60 })
    daemon = await startDaemon(directory, configText((await replay.ask(plan)).url, directory))
    const scored = async () => (await daemon!.metric('homeostat_targets{state="fresh"}')) >= HOSTS
    await daemon.until(scored)
    browser = await startChromium()
    report.judge(SECTION, 'bundle of the dashboard, gzip', bundleKb(), 'kB', { atMost: 150 })
    await tellLoads(report, browser, daemon.url)
    await tellUpdates(report, browser, daemon.url)
  } finally {
    await browser?.close()
    await daemon?.stop()
    await replay.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

const configText = (prometheus: string, directory: string) => `
source: {type: prometheus, prometheus: {url: '${prometheus}', rate_window: 1m}}
interval: ${INTERVAL_MS / 1000}s
train: {scope: group}
data_dir: '${directory}'
web: {listen_address: '127.0.0.1:0'}
`

function bundleKb(): number {
  const names = readdirSync(BUILT, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'))
  return names.reduce((sum, name) => sum + statSync(new URL(name, BUILT)).size, 0) / 1000
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 50))

/** Milliseconds since the page was asked for. */
interface Load {
  readonly firstPaint: number
  /** The fleet has come. */
  readonly answered: number
  /** It is on the screen. */
  readonly drawn: number
}

/** Notes when the first tile has been painted: the frame after the one that it came in. */
const WATCH = `
  new MutationObserver((_, observer) => {
    if (document.querySelector('.tile') === null) return
    observer.disconnect()
    requestAnimationFrame(() => requestAnimationFrame(() => performance.mark('drawn')))
  }).observe(document, { childList: true, subtree: true })
`

async function load(browser: Browser, url: string): Promise<Load> {
  const { page, close } = await openTab(browser)
  await page.addInitScript(WATCH)
  await page.goto(`${url}/`)
  await page.locator('.tile').first().waitFor()
  const isDrawn = () => page.evaluate<boolean>("performance.getEntriesByName('drawn').length > 0")
  while (!(await isDrawn())) await pause()
  const times = await page.evaluate<Load>(`({
    firstPaint: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    answered: performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/fleet')).responseEnd,
    drawn: performance.getEntriesByName('drawn')[0].startTime,
  })`)
  await close()
  return times
}

async function tellLoads(report: Report, browser: Browser, url: string): Promise<void> {
  // The first one warms up the daemon and the browser, as the first visit of a day does.
  const first = await load(browser, url)
  const loads: Load[] = []
  for (let i = 0; i < LOADS; i++) loads.push(await load(browser, url))
  const of = (pick: (load: Load) => number) => median(loads.map(pick))
  const rows = {
    'first contentful paint': of(({ firstPaint }) => firstPaint),
    'the fleet has come': of(({ answered }) => answered),
    'the fleet is drawn': of(({ drawn }) => drawn),
  }
  report.title(`Opening the dashboard of ${HOSTS} targets, nothing cached, ms: median of ${LOADS}, and the very first`)
  report.table([
    ['', 'median', 'first'],
    ...Object.entries(rows).map(([name, value], i) => [
      name,
      number(value),
      number([first.firstPaint, first.answered, first.drawn][i]),
    ]),
  ])
  report.judge(SECTION, 'first contentful paint', rows['first contentful paint'], 'ms', { atMost: 1000 })
  report.judge(
    SECTION,
    `${HOSTS} targets drawn, from the answer on`,
    of(({ answered, drawn }) => drawn - answered),
    'ms',
    { atMost: 1000 },
  )
  report.judge(SECTION, `${HOSTS} targets drawn, from the address on`, rows['the fleet is drawn'], 'ms', {
    atMost: 1000,
  })
}

/** Counts updates that were drawn, and keeps the longest piece of work that held up the page. */
const WATCH_UPDATES = `
  window.longest = 0
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration)
  }).observe({ type: 'longtask' })
`

async function tellUpdates(report: Report, browser: Browser, url: string): Promise<void> {
  const { page, close } = await openTab(browser)
  const session = await page.context().newCDPSession(page)
  // Processor time, whatever else the machine does.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const events: number[] = []
  await session.send('Network.enable')
  session.on('Network.eventSourceMessageReceived', ({ eventName, data }) => {
    if (eventName === 'targets') events.push(data.length)
  })
  await page.goto(`${url}/`)
  await page.locator('.tile').first().waitFor()
  await seen(page, events, 1)
  await page.evaluate(WATCH_UPDATES)
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    const of = (name: string) => metrics.find((metric) => metric.name === name)!.value
    return { task: of('TaskDuration'), heap: of('JSHeapUsedSize') }
  }
  const [before, had] = [await busy(), events.length]
  await seen(page, events, had + UPDATES)
  const after = await busy()
  const count = events.length - had
  const longest = await page.evaluate<number>('window.longest')
  await close()
  report.title(`Following ${HOSTS} targets: ${count} updates of ${number(median(events) / 1000)} kB`)
  report.line(`  heap of the page: ${number(after.heap / 1e6)} MB`)
  report.note(SECTION, 'heap of the page', after.heap / 1e6, 'MB')
  report.judge(SECTION, 'processor time of the page for an update', (1000 * (after.task - before.task)) / count, 'ms', {
    atMost: 100,
  })
  report.judge(SECTION, 'longest that an update holds up the page', longest, 'ms', { atMost: 100 })
}

async function seen(page: Page, events: readonly number[], count: number): Promise<void> {
  while (events.length < count) await pause()
  // Drawn, too.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))')
}
