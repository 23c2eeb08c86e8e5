import { z } from 'zod'
import { EffectError } from '../../pipeline/effects.ts'
import { REDACTED } from '../../platform/secrets.ts'
import { defineAction, type Order } from '../action.ts'
import { failure, isSuccess, refusal } from '../backends/status.ts'
import type { Answer } from '../backends/transport.ts'
import { redact } from '../redact.ts'
import { fillSlot, type Labels, shown } from '../slot.ts'
import { type Address, pinAddress } from './address.ts'
import type { HttpRequestOptions, HttpValue } from './options.ts'

const parameters = z.strictObject({ request: z.string().min(1).max(64) })
type HttpParameters = z.output<typeof parameters>
type Ordered = Omit<Order<undefined, HttpParameters>, 'signal'>

/** Of an answer only the status matters. */
const MAX_ANSWER_BYTES = 64 * 1024

/** Sends a request of `actions.http.requests`, with label values in query and JSON body only. */
export const http = defineAction<HttpParameters>({
  name: 'http',
  summary: 'sends a configured HTTP request',
  parameters,
  direct: {
    blastRadius: 'whatever the called service does',
    undo: 'none: configure a second request that takes the first one back',
    precondition: 'none of its own: the called service must look for itself',
    success: 'a status of 200 to 299; whether it helped is for the verification to see',
    timeoutMs: 10_000,
    check: (order) => void callOf(order),
    async prepare(order) {
      const { options, labels, shown: wire } = callOf(order)
      const { allowed, resolve } = order.world.http
      const address = await pinAddress(options.url, allowed, resolve)
      return {
        call: `${options.method} ${options.url.origin}${[wire.path, wire.body].filter(Boolean).join(' ')} (to ${address.address})`,
        timeoutMs: options.timeoutMs,
        run: (signal) => sendOnce(order, { options, labels, address }, signal),
      }
    },
  },
})

interface Call {
  readonly options: HttpRequestOptions
  readonly labels: Labels
}

/** What goes over the wire beside the headers. */
interface Wire {
  /** Path and query. */
  readonly path: string
  readonly body: string | undefined
}

/** @throws {EffectError} `invalid` for an unknown request or a label that does not fit, `unmapped` for another target */
function callOf({ parameters, labels, world }: Ordered): Call & { readonly shown: Wire } {
  const options = world.http.requests.find(({ name }) => name === parameters.request)
  if (options === undefined) {
    throw new EffectError('invalid', 'no', `actions.http.requests has no request ${shown(parameters.request)}`)
  }
  if (!options.matches(labels)) {
    throw new EffectError('unmapped', 'no', `${options.place}: its match does not name this target`)
  }
  return { options, labels, shown: wireOf({ options, labels }, () => REDACTED) }
}

/** @param reveal what stands where a secret does */
function wireOf({ options, labels }: Call, reveal: (secret: () => string) => string): Wire {
  const filled = (values: Readonly<Record<string, HttpValue>>, place: string) =>
    Object.entries(values).map(([name, value]): [string, string | number | boolean] => {
      if (typeof value !== 'object') return [name, value]
      return [name, 'secret' in value ? reveal(value.secret) : fillSlot(value, labels, `${place}.${name}`)]
    })
  const { url, query, body, place } = options
  const pairs = filled(query, `${place}.query`).map(([name, value]): [string, string] => [name, `${value}`])
  const search = new URLSearchParams(pairs).toString()
  return {
    path: `${url.pathname}${search === '' ? '' : `?${search}`}`,
    body: body && JSON.stringify(Object.fromEntries(filled(body, `${place}.body`))),
  }
}

async function sendOnce(
  { world }: Ordered,
  { options, labels, address }: Call & { readonly address: Address },
  signal: AbortSignal,
): Promise<{ message: string }> {
  const given = options.headers()
  const { path, body } = wireOf({ options, labels }, (secret) => secret())
  const secrets = options.secretHeaders.flatMap((name) => [given[name], given[name].replace(/^Bearer /, '')])
  const what = `${options.method} ${options.url.origin}${options.url.pathname}`
  const asked = { what, changes: true, access: `check the headers of ${options.place}` }
  let answer: Answer
  try {
    answer = await world.http.send(
      {
        origin: { url: options.url, lookup: pinned(address) },
        method: options.method,
        path,
        headers: {
          host: options.url.host,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...given,
        },
        body,
        maxBytes: MAX_ANSWER_BYTES,
      },
      signal,
    )
  } catch (error) {
    const { reason, happened, message } = failure(asked, error, signal)
    throw new EffectError(reason, happened, redact(message, secrets))
  }
  // The body is the service's own: it may repeat what it was sent, so nothing of it is shown.
  if (!isSuccess(answer)) throw refusal(asked, answer.status, '')
  return { message: `${what}: answered ${answer.status}` }
}

/** Node asks for a host's addresses here and gets the one that was judged, whatever a name server says by now. */
function pinned({ address, family }: Address) {
  return (
    _hostName: string,
    options: { all?: boolean },
    callback: (error: null, address: string | { address: string; family: number }[], family?: number) => void,
  ) => {
    if (options.all === true) callback(null, [{ address, family }])
    else callback(null, address, family)
  }
}
