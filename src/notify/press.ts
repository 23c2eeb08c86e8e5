import { z } from 'zod'
import { BUTTON_KINDS } from './notice.ts'

/** What a button's nonce stands for. It is kept on our side; the receiver sees the nonce alone. */
export interface Press {
  readonly kind: (typeof BUTTON_KINDS)[number]
  /** The receiver that showed the button: one that another hands in is refused. */
  readonly receiver: string
  readonly incidentId?: string
  readonly actionId?: string
  readonly target?: string
}

const schema = z.strictObject({
  kind: z.enum(BUTTON_KINDS),
  receiver: z.string(),
  incidentId: z.string().optional(),
  actionId: z.string().optional(),
  target: z.string().optional(),
}) satisfies z.ZodType<Press>

export function writePress(press: Press): string {
  return JSON.stringify(press)
}

/** @returns undefined for what `writePress` has not written */
export function readPress(content: string): Press | undefined {
  try {
    return schema.parse(JSON.parse(content))
  } catch {
    return undefined
  }
}
