import type { Healer } from '../../pipeline/heal.ts'
import type { ReceiveReading } from '../../pipeline/push.ts'

/** States from which an action goes on at once. */
const MOVING = new Set(['PLANNED', 'CLAIMED', 'STARTED'])

/**
 * One reading after the other, and each after what the one before it began: where time is that of the readings, an
 * action must not come later because they come fast.
 */
export function inOrder(receive: ReceiveReading, healer: Pick<Healer, 'round' | 'idle'>): ReceiveReading {
  let before: Promise<unknown> = Promise.resolve()

  async function settle(answer: Awaited<ReturnType<ReceiveReading>>): Promise<void> {
    if (!answer.ok || !MOVING.has(answer.judgement.action?.state ?? '')) return
    await healer.round()
    await healer.idle()
  }

  return (reading) => {
    const answer = before.then(() => receive(reading))
    before = answer.then(settle).catch(() => {})
    return answer
  }
}
