import { useMatters } from '../api/needs-me.ts'
import { AccountMenu } from './account-menu.tsx'
import type { PageName } from './address.ts'
import { FreezeControl } from './freeze-control.tsx'
import { LiveText } from './live-text.tsx'
import { href, useRoute } from './router.ts'

const NAV: readonly { readonly path: string; readonly text: string; readonly pages: readonly PageName[] }[] = [
  { path: '/', text: 'Fleet', pages: ['fleet', 'target'] },
  { path: '/incidents', text: 'Incidents', pages: ['incidents', 'incident'] },
  { path: '/actions', text: 'Actions', pages: ['actions'] },
  { path: '/rules', text: 'Rules', pages: ['rules'] },
  { path: '/models', text: 'Models', pages: ['models'] },
  { path: '/kpis', text: 'KPIs', pages: ['kpis'] },
  { path: '/status', text: 'Status', pages: ['status'] },
]

export function Header() {
  const { page } = useRoute()
  return (
    <header className="shell-header">
      <a className="shell-name" href={href('/')}>
        Homeostat
      </a>
      <nav className="shell-nav" aria-label="Pages">
        {NAV.map(({ path, text, pages }) => (
          <a
            key={path}
            href={href(path)}
            aria-current={pages.includes(page) ? 'page' : undefined}
            ref={pages.includes(page) ? showWhole : undefined}
          >
            {text}
          </a>
        ))}
      </nav>
      <NeedsMeCount />
      <LiveText />
      <AccountMenu />
      <FreezeControl />
    </header>
  )
}

function NeedsMeCount() {
  const count = useMatters().matters?.needMe.length ?? 0
  if (count === 0) return null
  return (
    <a className="shell-needs" href={href('/')}>
      <span className="shell-count">{count}</span>{' '}
      <span className="shell-needs-words">need{count === 1 ? 's' : ''} you</span>
    </a>
  )
}

/** On a phone the pages stand in a line that is longer than the screen. */
function showWhole(link: HTMLElement | null): void {
  link?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
}
