import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Debian's own Chromium, and letters with the signs that the pages use. */
export const BROWSER_PACKAGES = ['chromium', 'fonts-dejavu-core'] as const

const PROGRAM = '/usr/bin/chromium'
/** Nothing but the page: no display, no news from the browser's maker, no traffic of its own. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
/** Long enough for a machine that does other work. */
const PATIENCE_MS = 30_000

/** A browser whose profile is a new directory below the temporary one; `close()` removes it. */
export function startChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM, args: [...ARGS, ...more], timeout: 2 * PATIENCE_MS })
}

/** A page in a browser context of its own: cookies, storage and colours are nobody else's. */
export interface Tab {
  readonly page: Page
  /** What a developer would see in red: errors of the console and of scripts, what the Content-Security-Policy refused. */
  problems(): string[]
  close(): Promise<void>
}

/** What a browser writes to the console by itself for each answer that is no success, or when nobody answers. */
const FAILED_REQUEST = /^Failed to load resource: /

export interface TabOptions extends BrowserContextOptions {
  /** Whether requests that fail are part of what is tried: they are then no problems. */
  readonly requestsMayFail?: boolean
}

/** Opens an empty page. 1440 × 900 and light unless said otherwise. */
export async function openTab(browser: Browser, options: TabOptions = {}): Promise<Tab> {
  const { requestsMayFail = false, ...more } = options
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
    ...more,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(`script: ${error.stack ?? error.message}`))
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    if (requestsMayFail && FAILED_REQUEST.test(message.text())) return
    problems.push(`${message.type()}: ${message.text()} (${message.location().url})`)
  })
  return { page, problems: () => problems, close: () => context.close() }
}

/**
 * What axe-core finds against the WCAG and good practice: rule, help, and where. Its script comes by the debugger, which
 * no Content-Security-Policy binds, so that the page keeps its own.
 */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate<AxeViolation[]>('axe.run().then(({ violations }) => violations)')
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html }) => `${id}: ${help}: ${target.join(' ')}: ${html.slice(0, 200)}`),
  )
}

interface AxeViolation {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly target: readonly string[]; readonly html: string }[]
}
