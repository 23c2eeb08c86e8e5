import type { Button, ButtonKind } from '../notice.ts'

/** Telegram's own limit; a longer one would cost the whole message. */
const LONGEST_DATA_BYTES = 64

const ROWS: readonly (readonly ButtonKind[])[] = [
  ['approve', 'deny'],
  ['why', 'acknowledge', 'silence'],
  ['useful', 'not_useful'],
  ['freeze'],
]

export interface Keyboard {
  readonly inline_keyboard: { text: string; callback_data: string }[][]
}

/** Buttons as Telegram shows them; without any, an empty keyboard takes away those of an earlier version. */
export function keyboardOf(buttons: readonly Button[]): Keyboard {
  const rows = ROWS.map((kinds) => buttons.filter(({ kind }) => kinds.includes(kind)))
  return { inline_keyboard: rows.filter((row) => row.length > 0).map((row) => row.map(keyOf)) }
}

export function keyOf({ label, nonce }: { readonly label: string; readonly nonce: string }) {
  if (Buffer.byteLength(nonce) > LONGEST_DATA_BYTES) throw new RangeError(`a button carries ${nonce.length} characters`)
  return { text: label, callback_data: nonce }
}
