import { z } from 'zod'
import { count, duration, durationOrAuto, flag, httpUrl, matchers, oneOf, section, size, text } from './fields.ts'

/** Names of headers and the like under which credentials travel; their values belong in a file or the environment. */
export const SECRET_NAME = /key|token|secret|password|cookie|credential/i

const filePath = (example: string) => text('a path', example)
export const variable = (example: string) => text('the name of an environment variable', example)

const headerValue = z
  .union(
    [z.string(), z.strictObject({ file: filePath('/run/secrets/key') }), z.strictObject({ env: variable('API_KEY') })],
    {
      error: 'must be a text, {file: PATH} or {env: NAME}',
    },
  )
  .meta({ notation: 'a text, {file: PATH} or {env: NAME}' })

/** HTTP headers by name; a value that is a secret stands in a file or the environment. */
export const headers = z.record(z.string(), headerValue).superRefine((values, context) => {
  for (const [name, value] of Object.entries(values)) {
    const refuse = (message: string, hint: string) =>
      context.addIssue({ code: 'custom', path: [name], message, params: { hint } })
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) refuse('is not a header name', 'for example X-Scope-OrgID')
    else if (/^(proxy-)?authorization$/i.test(name)) refuse('must not be set here', 'use basic_auth or authorization')
    else if (/^(host|content-length|transfer-encoding|connection)$/i.test(name))
      refuse('cannot be set', 'the HTTP client sets it')
    else if (typeof value === 'string' && SECRET_NAME.test(name)) {
      refuse('looks like a secret', 'write {file: PATH} or {env: NAME} instead of the value')
    } else if (typeof value === 'string' && /[^\t\x20-\x7e]/.test(value))
      refuse('must be printable ASCII on one line', 'remove the other characters')
  }
})

/** How to reach an HTTP server and who we are to it; the same for Prometheus, node_exporter and Alertmanager. */
export const access = {
  timeout: duration('100ms', '5m').prefault('10s').describe('How long one request may take.'),
  max_response_size: size('64KiB', '1GiB')
    .prefault('64MiB')
    .describe('Largest answer that is read, after decompression; a larger one fails the request.'),
  headers: headers
    .meta({ notation: 'a map of header names to texts, {file: PATH} or {env: NAME}' })
    .default({})
    .describe('Additional HTTP headers, for example `X-Scope-OrgID: tenant-a`.'),
  basic_auth: z
    .strictObject({
      username: text('a user name', 'homeostat').describe('User name.'),
      password_file: filePath('/run/secrets/password').optional().describe('File that holds the password.'),
      password_env: variable('PROMETHEUS_PASSWORD')
        .optional()
        .describe('Environment variable that holds the password.'),
    })
    .optional()
    .describe(
      'HTTP basic authentication. Exactly one of `password_file` and `password_env`; passwords never stand in this file.',
    ),
  authorization: z
    .strictObject({
      credentials_file: filePath('/run/secrets/token').optional().describe('File that holds the bearer token.'),
      credentials_env: variable('PROMETHEUS_TOKEN')
        .optional()
        .describe('Environment variable that holds the bearer token.'),
    })
    .optional()
    .describe('Bearer token. Exactly one of `credentials_file` and `credentials_env`; not together with `basic_auth`.'),
  tls: section({
    ca_file: filePath('/etc/homeostat/ca.pem')
      .optional()
      .describe('CA certificates (PEM) to trust instead of the system’s.'),
    cert_file: filePath('/etc/homeostat/client.pem')
      .optional()
      .describe('Client certificate (PEM), together with `key_file`.'),
    key_file: filePath('/etc/homeostat/client.key').optional().describe('Key of the client certificate (PEM).'),
    server_name: text('a host name', 'prometheus.internal')
      .optional()
      .describe('Name that the server’s certificate must carry, where it is not the host of the URL.'),
    insecure_skip_verify: flag()
      .default(false)
      .describe('Accept any certificate. Anyone on the way can then read the credentials and forge the answers.'),
  })
    .prefault({})
    .describe('TLS of https URLs.'),
}

const prometheus = section({
  url: httpUrl('http://127.0.0.1:9090')
    .optional()
    .describe(
      'Base URL of Prometheus or of a server with the same API. The environment variable PROMETHEUS_URL sets it too.',
    ),
  matchers: matchers()
    .prefault('')
    .describe(
      'Label selector added to every query, for example `{job="node"}`; empty: all that node_exporter’s series offer.',
    ),
  rate_window: durationOrAuto('5s', '1h')
    .prefault('auto')
    .describe('Window of rates. auto: four times the scrape interval, at least 1m.'),
  recorded: flag()
    .default(false)
    .describe(
      'Read the features from the series that the recording rules of prometheus/recording write, instead of computing them with each query: for large fleets. Their rate window is 1m.',
    ),
  concurrency: count(1, 4).default(4).describe('Queries in flight at most.'),
  ...access,
})

const nodeExporter = section({
  urls: z
    .array(httpUrl('http://web-1:9100/metrics'))
    .meta({ notation: 'a list of http:// or https:// URLs' })
    .default([])
    .describe(
      'The exporters, with the path: `http://web-1:9100/metrics`. The host and port become the label `instance`.',
    ),
  job: text('a text', 'node').default('node').describe('Label `job` of these targets.'),
  rate_window: duration('1s', '1h').prefault('1m').describe('Window of rates; at least twice the interval.'),
  ...access,
})

const local = section({
  instance: text('a text', 'web-1')
    .nullable()
    .default(null)
    .describe('Label `instance` of this machine; empty: its host name.'),
  rate_window: duration('1s', '1h').prefault('1m').describe('Window of rates; at least twice the interval.'),
})

export const sourceSchema = section({
  type: oneOf(['local', 'prometheus', 'node_exporter', 'push'])
    .optional()
    .describe(
      'Where readings come from; `push`: from services that push them, and nowhere else. Default: prometheus when `source.prometheus.url` or PROMETHEUS_URL is set, else local.',
    ),
  prometheus: prometheus.prefault({}).describe('Hosts as Prometheus sees them, by its HTTP API.'),
  node_exporter: nodeExporter.prefault({}).describe('node_exporters read directly, without Prometheus.'),
  local: local.prefault({}).describe('This machine, read from /proc and /sys.'),
})
