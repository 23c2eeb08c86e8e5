import { count, httpUrl, section } from './fields.ts'

/** Services that push their readings, and results that we push. */
export const pushSchema = section({
  max_services: count(1, 10_000)
    .default(1000)
    .describe(
      'Services that may push readings; each takes 0.13 MB with six metrics. Readings of others are refused with 503.',
    ),
  pushgateway: httpUrl('http://pushgateway:9091')
    .optional()
    .describe('Base URL of a Pushgateway that is given the scores of all targets after every cycle.'),
})
