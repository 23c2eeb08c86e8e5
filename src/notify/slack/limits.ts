import type { RateLimit } from '../../pipeline/receivers.ts'

/** About one message a second in a channel, by Slack's word. */
export function channelLimits(apiUrl: string, channel: string): readonly RateLimit[] {
  return [{ key: `slack ${apiUrl} ${channel}`, count: 1, perMs: 1_000 }]
}
