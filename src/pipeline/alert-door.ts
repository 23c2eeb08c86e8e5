import type { Alert } from '../domain/alert.ts'

/** What came of a delivery of alerts. */
export interface AlertReceipt {
  /** Alerts that were not known in this state before. */
  readonly taken: number
  readonly repeated: number
  /** Incidents that are new or changed. */
  readonly incidents: readonly string[]
}

/**
 * The door for alerts. When it resolves, they and what follows from them are durable; deliveries that repeat an earlier
 * one change nothing.
 *
 * @param truncated alerts that the sender left out of the delivery; above 0 the fleet is not known
 * @param reason the sender's `notification_reason`, where it gives one
 * @throws {JournalError} when they could not be stored: nothing was kept, send them again
 */
export type ReceiveAlerts = (
  alerts: readonly Alert[],
  truncated: number,
  reason: string | undefined,
) => Promise<AlertReceipt>
