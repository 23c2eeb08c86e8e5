import { formatShare } from '../format.ts'
import './share-bar.css'

/** A part of a whole, 0–1: a bar, and the number beside it. */
export function ShareBar({ share }: { readonly share: number | null }) {
  return (
    <span className="share">
      <svg className="share-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect className="share-whole" width="100" height="8" />
        <rect className="share-part" width={100 * Math.min(Math.max(share ?? 0, 0), 1)} height="8" />
      </svg>
      <span className="number">{formatShare(share)}</span>
    </span>
  )
}
