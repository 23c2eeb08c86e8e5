// What all pages share comes first, so that a part of a page can say otherwise.
import './styles/tokens.css'
import './styles/base.css'
import './styles/layout.css'
import './styles/table.css'
import './styles/controls.css'
import './styles/shell.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { startTheme } from './app/theme.ts'

startTheme()
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
