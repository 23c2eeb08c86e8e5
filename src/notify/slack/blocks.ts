import type { ReplyButton } from '../answers.ts'
import { writeSpans } from '../markup.ts'
import type { ButtonKind, Notice } from '../notice.ts'

/** The longest text of a section. */
export const LONGEST_TEXT = 3000
const LONGEST_LABEL = 75

export interface SlackButton {
  readonly type: 'button'
  readonly action_id: string
  readonly text: { readonly type: 'plain_text'; readonly text: string }
  readonly value: string
  readonly style?: 'primary' | 'danger'
}

/** A block as it is sent, and as it comes back with a press. */
export interface Block {
  readonly type: string
  readonly elements?: readonly Partial<SlackButton>[]
  readonly [key: string]: unknown
}

const STYLES: Readonly<Partial<Record<ButtonKind, 'primary' | 'danger'>>> = { approve: 'primary', freeze: 'danger' }

/** A notice as blocks, and the line that notifications on a phone show. */
export function noticeBlocks(
  notice: Notice,
  withButtons: boolean,
): { readonly text: string; readonly blocks: Block[] } {
  const section: Block = { type: 'section', text: { type: 'mrkdwn', text: notice.text('mrkdwn', LONGEST_TEXT) } }
  const elements = notice.buttons.map(({ kind, label, nonce }) => buttonOf(kind, label, nonce, STYLES[kind]))
  const actions: Block[] = withButtons && elements.length > 0 ? [{ type: 'actions', elements }] : []
  return { text: escaped(notice.title), blocks: [section, ...actions] }
}

/** A reply: plain text of others' making. */
export function replyBlocks(plain: string, buttons: readonly ReplyButton[]): { text: string; blocks: Block[] } {
  const text = escaped(plain)
  const elements = buttons.map(({ label, nonce }, i) => buttonOf(`reply-${i}`, label, nonce))
  const section: Block = { type: 'section', text: { type: 'mrkdwn', text } }
  return { text, blocks: [section, ...(elements.length === 0 ? [] : [{ type: 'actions', elements }])] }
}

/** The blocks of a message with one button's nonce replaced. */
export function renewedBlocks(blocks: readonly Block[], from: string, to: string): Block[] {
  return blocks.map((block) => {
    if (block.elements === undefined || block.type !== 'actions') return block
    return { ...block, elements: block.elements.map((one) => (one.value === from ? { ...one, value: to } : one)) }
  })
}

function buttonOf(id: string, label: string, value: string, style?: 'primary' | 'danger'): SlackButton {
  const text = { type: 'plain_text' as const, text: label.slice(0, LONGEST_LABEL) }
  return { type: 'button', action_id: id, text, value, ...(style === undefined ? {} : { style }) }
}

function escaped(plain: string): string {
  return writeSpans([{ text: plain }], 'mrkdwn', LONGEST_TEXT)
}
