import type { ReceiveReading } from '../../pipeline/push.ts'

/** Takes no reading. */
export const closedDoor: ReceiveReading = async () => ({ ok: false, why: 'busy', text: 'closed' })
