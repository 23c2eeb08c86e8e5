import { z } from 'zod'
import type { Block } from './blocks.ts'

/** What Slack sends over a socket: `hello`, `disconnect`, or an envelope that must be acknowledged. */
const Envelope = z.object({
  type: z.string(),
  envelope_id: z.string().optional(),
  payload: z.unknown().optional(),
})
export type Envelope = z.output<typeof Envelope>

const Press = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string() }),
  channel: z.object({ id: z.string() }),
  message: z.object({
    ts: z.string(),
    text: z.string().default(''),
    blocks: z.array(z.looseObject({ type: z.string() })),
  }),
  actions: z.array(z.object({ value: z.string() })).min(1),
})

const Spoken = z.object({
  user_id: z.string(),
  channel_id: z.string(),
  text: z.string().default(''),
})

/** What somebody wants. */
export type SlackAsked = { readonly chat: string; readonly user: string } & (
  | {
      readonly kind: 'press'
      readonly value: string
      readonly ts: string
      readonly text: string
      readonly blocks: Block[]
    }
  | { readonly kind: 'command'; readonly name: string; readonly words: readonly string[] }
)

/** @returns undefined for what is no JSON, or of no kind that is known */
export function readEnvelope(data: unknown): Envelope | undefined {
  try {
    return Envelope.safeParse(JSON.parse(String(data))).data
  } catch {
    return undefined
  }
}

const MOST_WORDS = 40

/** @returns undefined for what is neither a press nor a command */
export function askedIn({ type, payload }: Envelope): SlackAsked | undefined {
  if (type === 'interactive') {
    const press = Press.safeParse(payload).data
    if (press === undefined) return undefined
    const { user, channel, message, actions } = press
    const { ts, text, blocks } = message
    return {
      kind: 'press',
      chat: channel.id,
      user: user.id,
      value: actions[0].value,
      ts,
      text,
      blocks: blocks as Block[],
    }
  }
  const spoken = type === 'slash_commands' ? Spoken.safeParse(payload).data : undefined
  if (spoken === undefined) return undefined
  const [name = 'help', ...words] = spoken.text.split(/\s+/, MOST_WORDS).filter((word) => word !== '')
  return { kind: 'command', chat: spoken.channel_id, user: spoken.user_id, name: name.toLowerCase(), words }
}
