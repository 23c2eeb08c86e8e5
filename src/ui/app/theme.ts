import { useSyncExternalStore } from 'react'

/** `system`: as the device is set. */
export type ThemeChoice = 'system' | 'light' | 'dark'
export type Theme = 'light' | 'dark'

const KEY = 'homeostat-theme'
const CHOICES: readonly ThemeChoice[] = ['system', 'light', 'dark']
const watchers = new Set<() => void>()

/** Sets the colours before anything is drawn, and again when the device changes. */
export function startTheme(): void {
  systemIsDark().addEventListener('change', apply)
  apply()
}

/** What is in force; who draws on a canvas draws again when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, themeNow)
}

export function useThemeChoice(): readonly [ThemeChoice, (choice: ThemeChoice) => void] {
  return [useSyncExternalStore(subscribe, choiceNow), choose]
}

/** The choice after this one, for a button that goes round. */
export function nextChoice(choice: ThemeChoice): ThemeChoice {
  return CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length]
}

function choose(choice: ThemeChoice): void {
  try {
    localStorage.setItem(KEY, choice)
  } catch {
    // A browser that keeps nothing still has the colours until the page is left.
  }
  document.documentElement.dataset.choice = choice
  apply()
}

function choiceNow(): ThemeChoice {
  return CHOICES.find((choice) => choice === (document.documentElement.dataset.choice ?? stored())) ?? 'system'
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

function themeNow(): Theme {
  return document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light'
}

function apply(): void {
  const choice = choiceNow()
  const isDark = choice === 'system' ? systemIsDark().matches : choice === 'dark'
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
  for (const changed of watchers) changed()
}

function systemIsDark(): MediaQueryList {
  return window.matchMedia('(prefers-color-scheme: dark)')
}

function subscribe(changed: () => void): () => void {
  watchers.add(changed)
  return () => watchers.delete(changed)
}
