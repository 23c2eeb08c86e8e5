import { z } from 'zod'
import { duration, labelName, section, series, text } from './fields.ts'

const service = () => text('the name of a service', 'checkout')

/** Which services call which. */
export const topologySchema = section({
  dependencies: z
    .record(service(), z.array(service()).max(1000))
    .meta({ notation: 'a map of services to lists of the services that they call' })
    .default({})
    .describe('Calls that are known beforehand, for example `checkout: [payments, cart]`.'),
  label: labelName()
    .prefault('instance')
    .describe('Label of a target that bears the name of its service; of pushed services it is `instance`.'),
  metric: series('traces_service_graph_request_total')
    .nullable()
    .default(null)
    .describe(
      'Counter of calls, from which more of them are learned; for example `traces_service_graph_request_total`. Only with source prometheus. Empty: nothing is learned.',
    ),
  client_label: labelName().prefault('client').describe('Label of the metric that names who calls.'),
  server_label: labelName().prefault('server').describe('Label of the metric that names who is called.'),
  refresh: duration('10s', '1d').prefault('5m').describe('How often calls are learned anew.'),
  memory: duration('1m', '30d').prefault('1d').describe('How long a call is remembered that is no longer seen.'),
})
