import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axeViolations, startChromium, type TabOptions } from '../support/chromium.ts'
import { addressOf, section, tileOf, visit as visitOf } from './visit.ts'
import { startWorld, type World } from './world.ts'

const SERVICES = 12
/** The machine may do other work. */
const PATIENCE = { withinMs: 60_000 }

let world: World
let browser: Browser
/** Of the service whose restart waits for a yes. */
let incident: string

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld(), startChromium()])
  await world.daemon().waitFor('a level of every service', async () => (await levels()).length === SERVICES, PATIENCE)
  await world.breaks('search', 'crash_loop')
  await world.breaks('cart', 'high_error_rate')
  incident = await world.incidentOf('search')
  await world.daemon().waitFor('two questions', async () => (await waiting()) === 2, PATIENCE)
})
afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

async function levels(): Promise<number[]> {
  const answer = await fetch(`${world.daemon().url}/api/v1/fleet`)
  const { targets } = (await answer.json()) as { targets: { level: number | null }[] }
  return targets.map(({ level }) => level).filter((level) => level !== null)
}

async function waiting(): Promise<number> {
  const answer = await fetch(`${world.daemon().url}/api/v1/actions?state=AWAITING_APPROVAL`)
  return ((await answer.json()) as { items: unknown[] }).items.length
}

const visit = (hash: string, options?: TabOptions) => visitOf(browser, world.daemon().url, hash, options)

/** What a person reads there becomes another text as time goes on. */
async function changes(page: Page, selector: string): Promise<void> {
  const element = page.locator(selector)
  const before = await element.textContent()
  await expect.poll(() => element.textContent()).not.toBe(before)
}

interface PageTried {
  readonly name: string
  readonly hash: () => string
  /** What shows that the page is there, with its data. */
  readonly shows: (page: Page) => Promise<unknown>
  /** What changes on it by itself. */
  readonly moves?: string
}

const PAGES: readonly PageTried[] = [
  {
    name: 'the fleet as tiles',
    hash: () => '#/',
    async shows(page) {
      await section(page, 'What needs me').getByText('Restart search?').waitFor()
      await expect.poll(() => page.locator('.tile').count()).toBe(SERVICES)
    },
    moves: '.tile[data-row="gateway@push"] .tile-level',
  },
  {
    name: 'the fleet as a list',
    hash: () => '#/?view=list',
    shows: (page) => page.getByRole('cell', { name: 'gateway' }).waitFor(),
    moves: 'tr:has([data-row="gateway@push"]) .number',
  },
  {
    name: 'a target',
    hash: () => '#/targets/search%40push?features=error_rate_percent',
    async shows(page) {
      await page.getByRole('heading', { name: 'search@push' }).waitFor()
      await section(page, 'Incident').getByText('crash loop').waitFor()
      await page.getByRole('heading', { name: 'Detectors side by side' }).waitFor()
    },
    moves: 'tr:has-text("zscore") .number',
  },
  {
    name: 'the incidents',
    hash: () => '#/incidents',
    shows: (page) =>
      section(page, 'Open')
        .getByRole('row', { name: /search/ })
        .waitFor(),
  },
  {
    name: 'an incident, where the link of a notification leads',
    hash: () => `#/incidents/${incident}`,
    async shows(page) {
      await page.getByRole('heading', { name: 'Crash loop of search@push' }).waitFor()
      for (const words of ['First sign', 'Diagnosed', 'Decided']) await page.getByText(words).first().waitFor()
      await page.getByText('ServiceIsIll').first().waitFor()
    },
  },
  {
    name: 'the actions',
    hash: () => '#/actions',
    async shows(page) {
      await section(page, 'Waiting for approval').getByText('Throttle cart').waitFor()
      await section(page, 'Ledger')
        .getByRole('row', { name: /Restart search/ })
        .waitFor()
    },
  },
  {
    name: 'the rules',
    hash: () => '#/rules',
    shows: (page) => page.getByRole('row', { name: /crash-loop .* 1 asked/ }).waitFor(),
  },
  { name: 'the models', hash: () => '#/models', shows: (page) => page.getByText('No model is in use').waitFor() },
  {
    name: 'the KPIs',
    hash: () => '#/kpis',
    shows: (page) =>
      page
        .getByText(/incidents/)
        .first()
        .waitFor(),
  },
  {
    name: 'the status',
    hash: () => '#/status',
    async shows(page) {
      await page.getByRole('row', { name: /push.*answers.*12/ }).waitFor()
      await page.getByText('2 waiting for a person').waitFor()
    },
    moves: 'main tr:has-text("answers") td:nth-of-type(2)',
  },
]

describe('each page', () => {
  it.each(PAGES)(
    '$name: has data of now, no error, and nothing that axe-core objects to, light and dark',
    async (tried) => {
      const { page, problems } = await visit(tried.hash())

      await tried.shows(page)
      if (tried.moves !== undefined) await changes(page, tried.moves)
      const inLight = await axeViolations(page)
      await page.emulateMedia({ colorScheme: 'dark' })
      const inDark = await axeViolations(page)

      expect(inLight).toEqual([])
      expect(inDark).toEqual([])
      expect(problems()).toEqual([])
    },
  )

  it('the charts of a target are drawn on one axis, and told as a table too', async () => {
    const { page, problems } = await visit('#/targets/search%40push?range=15m&features=cpu_percent,memory_percent')

    await expect.poll(() => page.locator('main canvas').count()).toBe(3)
    await section(page, 'Level').getByText('as a table').click()

    await section(page, 'Level').getByRole('cell').first().waitFor()
    expect(problems()).toEqual([])
  })

  it('the watchers themselves: what axe-core and the Content-Security-Policy object to is found', async () => {
    const { page, problems } = await visit('#/status')
    await page.getByRole('heading', { name: 'Status' }).waitFor()

    await page.evaluate(`
      document.querySelector('main').append(document.createElement('button'))
      const script = document.createElement('script')
      script.textContent = 'window.wasRun = true'
      document.body.append(script)
    `)

    expect(await axeViolations(page)).toContainEqual(expect.stringContaining('button-name'))
    expect(await page.evaluate(`'wasRun' in window`)).toBe(false)
    await expect.poll(() => problems().join()).toContain('Content Security Policy')
  })
})

describe('addresses', () => {
  it('hold what the fleet is filtered by, over a reload', async () => {
    const { page } = await visit('#/')
    await page.getByRole('button', { name: /^normal/ }).click()
    await page.getByRole('searchbox').fill('ca')
    await page.getByRole('button', { name: 'list' }).click()

    await expect.poll(() => page.url()).toContain('view=list')
    await page.reload()

    expect(page.url()).toMatch(/#\/\?(?=.*state=normal)(?=.*q=ca)/)
    await page.getByRole('link', { name: 'catalogue' }).waitFor()
    await expect.poll(() => page.getByRole('link', { name: 'ledger' }).count()).toBe(0)
    expect(await page.getByRole('searchbox').inputValue()).toBe('ca')
    expect(await page.getByRole('button', { name: /^normal/ }).getAttribute('aria-pressed')).toBe('true')
  })

  it('hold which target and which time is shown, over a reload and in another browser', async () => {
    const { page } = await visit('#/')
    await tileOf(page, 'ledger').click()
    await page.getByRole('button', { name: '6h' }).click()
    await expect.poll(() => page.url()).toContain('#/targets/ledger%40push?range=6h')

    const other = await visit(new URL(page.url()).hash)

    await other.page.getByRole('heading', { name: 'ledger@push' }).waitFor()
    await other.page.getByRole('button', { name: '6h', pressed: true }).waitFor()
    await page.goBack()
    await tileOf(page, 'ledger').waitFor()
  })

  it('that lead nowhere say so, and how to go on', async () => {
    const { page, problems } = await visit('#/incidents/no-such-incident', { requestsMayFail: true })

    await page.getByText('Not there: the incident no-such-incident').waitFor()
    await page.goto(addressOf(world.daemon().url, '#/nowhere'))
    await page.getByRole('link', { name: 'To the fleet' }).click()
    await tileOf(page, 'ledger').waitFor()

    expect(problems()).toEqual([])
  })
})

describe('the keyboard', () => {
  const focused = (page: Page) => page.locator(':focus').textContent()

  it('searches with /, walks with j and k, opens with Enter', async () => {
    const { page } = await visit('#/status')
    await page.keyboard.press('/')
    await page.locator('input[type="search"]:focus').waitFor()
    await page.keyboard.type('led')
    await expect.poll(() => page.locator('.tile').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.goto(addressOf(world.daemon().url, '#/incidents'))
    await section(page, 'Open')
      .getByRole('row', { name: /search/ })
      .waitFor()
    await page.locator('main').focus()

    await page.keyboard.press('j')
    const first = await focused(page)
    await page.keyboard.press('j')
    const second = await focused(page)
    await page.keyboard.press('k')

    expect(second).not.toBe(first)
    expect(await focused(page)).toBe(first)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Timeline' }).waitFor()
    expect(page.url()).toContain('#/incidents/')
  })

  it('asks before it approves or freezes, shows its help, and closes with Esc', async () => {
    const { page, problems } = await visit(`#/incidents/${incident}`)
    await section(page, 'Waiting for approval').waitFor()

    await page.keyboard.press('a')
    await page.getByRole('group', { name: 'Confirm: Restart search' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Approve' }).waitFor()
    await page.keyboard.press('f')
    await page.getByRole('dialog', { name: 'Freeze all actions' }).waitFor()
    const freezeObjections = await axeViolations(page)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys and signs' }).waitFor()
    const helpObjections = await axeViolations(page)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })

    expect([...freezeObjections, ...helpObjections]).toEqual([])
    expect(problems()).toEqual([])
    expect(await waiting()).toBe(2)
    expect(await world.faultsOf('search')).toEqual(['crash_loop'])
  })
})

describe('on a phone', () => {
  const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const

  it('what needs me and its two buttons are on the first screen, large enough for a thumb', async () => {
    const { page, problems } = await visit('#/', PHONE)
    const matter = page.getByRole('listitem').filter({ hasText: 'Restart search?' })
    await matter.waitFor()

    for (const name of ['Approve', 'Deny']) {
      const box = await matter.getByRole('button', { name }).boundingBox()
      expect(box!.y + box!.height).toBeLessThanOrEqual(844)
      expect(box!.x + box!.width).toBeLessThanOrEqual(390)
      expect(Math.min(box!.width, box!.height)).toBeGreaterThanOrEqual(40)
    }
    await page.getByRole('button', { name: 'Freeze' }).waitFor()
    expect(problems()).toEqual([])
  })

  it('no page is wider than the screen', async () => {
    const { page, problems } = await visit('#/', PHONE)
    const widths: Record<string, number> = {}

    for (const { name, hash, shows } of PAGES) {
      await page.goto(addressOf(world.daemon().url, hash()))
      await shows(page)
      widths[name] = await page.evaluate('document.documentElement.scrollWidth')
    }

    expect(widths).toEqual(Object.fromEntries(PAGES.map(({ name }) => [name, 390])))
    expect(problems()).toEqual([])
  })

  it('axe-core has nothing against its first screen, and an incident', async () => {
    const { page } = await visit('#/', PHONE)
    await page.getByText('Restart search?').waitFor()

    const fleet = await axeViolations(page)
    await page.goto(addressOf(world.daemon().url, `#/incidents/${incident}`))
    await page.getByRole('heading', { name: 'Timeline' }).waitFor()

    expect(fleet).toEqual([])
    expect(await axeViolations(page)).toEqual([])
  })
})
