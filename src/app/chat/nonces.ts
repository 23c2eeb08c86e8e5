import { randomBytes } from 'node:crypto'
import type { Outbox } from '../../pipeline/outbox.ts'

/** A nonce is not kept for longer than what it is for: a yes is to what is shown now. */
const LIFETIME_MS = 10 * 60_000
const PAGE = 'page:'

/** Keeps what a button of a reply stands for. @returns its nonce: 128 random bits, 22 characters of base64url */
export async function issueNonce(nonces: Pick<Outbox, 'issueNonce'>, content: string, at: number): Promise<string> {
  const nonce = randomBytes(16).toString('base64url')
  await nonces.issueNonce(nonce, content, at + LIFETIME_MS)
  return nonce
}

/** The page of a list that follows an incident. */
export function writePage(before: string): string {
  return `${PAGE}${before}`
}

/** @returns the id of the last incident of the page before; undefined for what is no page */
export function readPage(content: string): string | undefined {
  return content.startsWith(PAGE) ? content.slice(PAGE.length) : undefined
}
