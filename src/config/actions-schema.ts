import { RE2JS } from 're2js'
import { z } from 'zod'
import { count, duration, httpUrl, labelName, matchers, oneOf, section, text } from './fields.ts'
import { headers, variable } from './source-schema.ts'

/** A text with one more rule; `problem` says what is wrong with it, and what to do. */
function ruled<T extends z.ZodType<string>>(field: T, problem: (text: string) => [string, string] | undefined): T {
  return field.superRefine((value, context) => {
    const found = problem(value)
    if (found) context.addIssue({ code: 'custom', message: found[0], params: { hint: found[1] } })
  })
}

/** Values that nobody means: a pattern that lets all of them pass keeps nothing out. */
const HOSTILE = ['; reboot', '`id`', '&& rm -rf /', '../../etc/passwd', '{{ .Labels }}', '<script>']

function patternProblem(source: string): [string, string] | undefined {
  let regex: RE2JS
  try {
    regex = RE2JS.compile(source)
  } catch {
    return ['is no regular expression of RE2', 'without backreferences and look-around, for example [a-z0-9-]{1,63}']
  }
  if (!HOSTILE.every((value) => regex.matches(value))) return undefined
  return ['lets anything pass', 'say what a value looks like, for example [a-z0-9-]{1,63}']
}

const slotShape = {
  label: labelName().describe('The label whose value is taken.'),
  pattern: ruled(text('an RE2 pattern', "'[a-z0-9-]{1,63}'"), patternProblem).describe(
    'RE2 pattern that the whole value must fit. With a group, only what the group holds is taken.',
  ),
}

const slot = z.strictObject(slotShape)

/** A name, or where to read it. */
function nameSource(of: string, example: string) {
  const notation = `${of}, or {label: LABEL, pattern: PATTERN}`
  return z
    .union([z.string().min(1), slot], { error: `must be ${notation}, with a pattern of RE2 that keeps something out` })
    .meta({ notation, example })
}

const names = (notation: string) => z.array(text('a name', 'web')).meta({ notation, example: '[]' })

const target = z.strictObject({
  match: matchers().describe('Which targets, as a label selector; one that matches everything is refused.'),
  container: nameSource('the name of a container', 'web').optional().describe('Docker container.'),
  unit: nameSource('the name of a systemd unit', 'web.service').optional().describe('systemd unit.'),
  deployment: nameSource('the name of a deployment', 'web').optional().describe('Kubernetes deployment.'),
  statefulset: nameSource('the name of a statefulset', 'db').optional().describe('Kubernetes stateful set.'),
  pod: nameSource('the name of a pod', '{label: pod, pattern: "web-[a-z0-9-]+"}')
    .optional()
    .describe('Kubernetes pod.'),
  ingress: nameSource('the name of an ingress', 'web')
    .optional()
    .describe('Kubernetes ingress, for `throttle`; beside a deployment, statefulset or pod, or alone.'),
  namespace: nameSource('the name of a namespace', 'shop').optional().describe('Namespace of the Kubernetes objects.'),
  min_replicas: count(1, 10_000)
    .meta({ example: '1' })
    .optional()
    .describe('Fewest replicas that `scale_down` leaves; 1.'),
  max_replicas: count(1, 10_000)
    .meta({ example: '5' })
    .optional()
    .describe('Most replicas that `scale_up` makes; without it the target is not scaled up.'),
})

const protectedNames = section({
  containers: names('a list of container names')
    .default(['homeostat', 'prometheus'])
    .describe('Containers that are never touched.'),
  units: names('a list of systemd units')
    .default(['homeostat.service', 'prometheus.service'])
    .describe('systemd units that are never touched.'),
  namespaces: names('a list of namespaces')
    .default([])
    .describe('Kubernetes namespaces that are never touched; kube-system is always one of them.'),
})

const docker = section({
  socket: text('a path', '/var/run/docker.sock')
    .default('/var/run/docker.sock')
    .describe('Unix socket of the Docker Engine. Whoever may use it is root on the host.'),
  url: httpUrl('http://docker-proxy:2375').optional().describe('Engine API over TCP instead of the socket.'),
  tls: section({
    ca_file: text('a path', '/etc/homeostat/docker-ca.pem')
      .optional()
      .describe('CA certificates (PEM) of an https `url`.'),
    cert_file: text('a path', '/etc/homeostat/docker.pem')
      .optional()
      .describe('Client certificate (PEM), together with `key_file`.'),
    key_file: text('a path', '/etc/homeostat/docker.key').optional().describe('Key of the client certificate (PEM).'),
  })
    .prefault({})
    .describe('TLS of an https `url`.'),
  label: z
    .string()
    .regex(/^([\w.-]+(=[\x21-\x7e]*)?)?$/, 'must be NAME=VALUE, NAME or empty')
    .meta({ notation: 'NAME=VALUE, NAME or empty' })
    .default('homeostat.enable=true')
    .describe('Label without which a container is not touched; empty: none is asked for.'),
  stop_timeout: duration('0s', '5m')
    .prefault('10s')
    .describe('How long a container gets to end before it is killed, in whole seconds.'),
})

const kubernetes = section({
  kubeconfig: text('a path', '/etc/homeostat/kubeconfig')
    .optional()
    .describe('kubeconfig file; without it the service account of Homeostat’s own pod.'),
  context: text('a name', 'production')
    .optional()
    .describe('Context of the kubeconfig, where it is not the current one.'),
  namespaces: names('a list of namespaces')
    .default([])
    .describe('Namespaces in which something may be changed. Empty: none.'),
})

/** Where a secret is kept. */
const references = [
  z.strictObject({ file: text('a path', '/run/secrets/token') }),
  z.strictObject({ env: variable('TOKEN') }),
] as const

const environment = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.union([z.string().max(4096), ...references]), {
    error: 'must map names of variables to texts, {file: PATH} or {env: NAME}',
  })
  .meta({ notation: 'a map of variables to texts, {file: PATH} or {env: NAME}', example: '{}' })

const actionName = (example: string) =>
  ruled(text('a name', example), (name) =>
    /^[a-z][a-z0-9_-]{0,63}$/.test(name)
      ? undefined
      : ['is not a name', 'small letters, digits, _ and -, beginning with a letter'],
  )

const command = z.strictObject({
  name: actionName('flush-cache').describe('Name, as rules say it: `parameters: {command: NAME}`.'),
  match: matchers().describe('Targets for which it may be run; a selector that matches everything is refused.'),
  argv: z
    .array(z.string().min(1).max(4096))
    .min(1)
    .meta({ notation: 'a list of texts', example: '[/usr/local/bin/flush-cache, --all]' })
    .describe('Program, by its absolute path, and its fixed arguments. No shell, and nothing is put into them.'),
  slots: z
    .array(slot)
    .max(16)
    .meta({ notation: 'a list', example: "[{label: instance, pattern: '[a-z0-9.:-]{1,64}'}]" })
    .default([])
    .describe('Label values that follow as one argument each, behind `--`.'),
  cwd: text('an absolute path', '/').default('/').describe('Working directory.'),
  env: environment.default({}).describe('All that the program finds in its environment, beside PATH and LANG.'),
  timeout: duration('1s', '30m')
    .prefault('30s')
    .describe('Then the program and all processes of its group are killed.'),
})

const httpValues = z
  .record(
    z.string().min(1).max(256),
    z.union([z.string().max(4096), z.number(), z.boolean(), ...references, slot], {
      error: 'must be a text, a number, true, false, {label: LABEL, pattern: PATTERN}, {file: PATH} or {env: NAME}',
    }),
  )
  .meta({
    notation:
      'a map of names to texts, numbers, true, false, {label: LABEL, pattern: PATTERN}, {file: PATH} or {env: NAME}',
    example: '{}',
  })

/** A URL that nothing can be put into. */
const fixedUrl = ruled(httpUrl('https://lb.example.com/drain'), (url) => {
  // Braces and dollars are still there, or encoded, where somebody hoped for a template.
  if (!/[{}$<>\s]|%7b|%24|%3c/i.test(url)) return undefined
  return ['must be fixed, without templates', 'label values go into query and body, through patterns']
})

const request = z.strictObject({
  name: actionName('drain').describe('Name, as rules say it: `parameters: {request: NAME}`.'),
  match: matchers().describe('Targets for which it may be sent; a selector that matches everything is refused.'),
  does: oneOf(['restart', 'scale_up', 'scale_down', 'throttle'])
    .optional()
    .describe('The action that this request carries out for the targets of `match`; before what `targets` says.'),
  method: oneOf(['POST', 'PUT', 'PATCH', 'DELETE', 'GET']).prefault('POST').describe('HTTP method.'),
  url: fixedUrl.describe('Fixed URL without query. No label gets into it, and redirects are not followed.'),
  query: httpValues.default({}).describe('Query parameters.'),
  body: httpValues.optional().describe('Keys of a JSON body.'),
  headers: headers
    .meta({ notation: 'a map of header names to texts, {file: PATH} or {env: NAME}', example: '{}' })
    .default({})
    .describe('Additional HTTP headers.'),
  authorization: z
    .strictObject({
      credentials_file: text('a path', '/run/secrets/token').optional().describe('File that holds the bearer token.'),
      credentials_env: variable('LB_TOKEN').optional().describe('Environment variable that holds the bearer token.'),
    })
    .meta({ notation: 'a bearer token', example: '{credentials_file: /run/secrets/token}' })
    .optional()
    .describe('Bearer token. Exactly one of `credentials_file` and `credentials_env`.'),
  timeout: duration('100ms', '5m').prefault('10s').describe('How long the request may take.'),
})

/** What can be done about targets. Without an entry here nothing but `alert` can. */
export const actionsSchema = section({
  targets: z
    .array(target)
    .max(10_000)
    .meta({ notation: 'a list', example: `{match: '{job="node", instance="web-1:9100"}', container: web}` })
    .default([])
    .describe('What a target is: one container, unit or Kubernetes workload for the targets of one selector.'),
  protected: protectedNames
    .prefault({})
    .describe('Never touched, beside Homeostat itself, its Prometheus, its database and kube-system.'),
  docker: docker.prefault({}).describe('The Docker Engine, for targets with a `container`.'),
  kubernetes: kubernetes.prefault({}).describe('The Kubernetes API, for targets with a workload or an ingress.'),
  systemd: section({
    systemctl: text('an absolute path', '/usr/bin/systemctl')
      .default('/usr/bin/systemctl')
      .describe('The program systemctl.'),
  })
    .prefault({})
    .describe('systemd, for targets with a `unit`.'),
  exec: section({
    commands: z
      .array(command)
      .max(1000)
      .meta({ notation: 'a list' })
      .default([])
      .describe('Commands of the action `exec`.'),
  })
    .prefault({})
    .describe('Commands that rules may run.'),
  http: section({
    allow_addresses: names('a list of addresses and networks such as 10.0.0.0/8')
      .default([])
      .describe('Addresses that are not public and may be reached all the same.'),
    requests: z
      .array(request)
      .max(1000)
      .meta({ notation: 'a list' })
      .default([])
      .describe('Requests of the action `http`.'),
  })
    .prefault({})
    .describe('Requests that rules may send.'),
})
