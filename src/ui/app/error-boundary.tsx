import { Component, type ReactNode } from 'react'
import { StatePanel } from '../components/state-panel.tsx'

/** What is wrong with a page does not take the others along, nor Freeze. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {}

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return (
      <StatePanel state="error" title="This page could not be shown" onRetry={() => window.location.reload()}>
        {error.message}. After an update of Homeostat the page has to be loaded again.
      </StatePanel>
    )
  }
}
