import { z } from 'zod'
import { BUTTON_KINDS } from './notice.ts'

/** What a button stands for. It is kept with its nonce on our side; the button itself carries the nonce alone. */
const ButtonContent = z.strictObject({
  /** `page`: the next page of a list. */
  kind: z.enum([...BUTTON_KINDS, 'page']),
  incident: z.string().optional(),
  action: z.string().optional(),
  /** The id of the last incident of the page before. */
  before: z.string().optional(),
})
export type ButtonContent = z.output<typeof ButtonContent>

export function writeButtonContent(content: ButtonContent): string {
  return JSON.stringify(content)
}

/** @returns undefined for what was written by another version */
export function readButtonContent(text: string): ButtonContent | undefined {
  try {
    return ButtonContent.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
