import type { Request, RequestHandler } from 'express'
import { z } from 'zod'
import { hasBody, readBody } from '../../api/body.ts'
import { ApiError } from '../../api/problem.ts'
import { open, type Route } from '../../api/routes.ts'
import { EXPOSITION_TYPE } from '../../simulate/exposition.ts'
import { FAULTS, WORLD_ACTIONS, type WorldAction } from '../../simulate/fault.ts'
import type { ServiceDefinition } from '../../simulate/service.ts'
import type { ActiveFault } from '../../simulate/world.ts'
import { type Acted, actedWords } from './events.ts'
import type { Simulation } from './simulation.ts'

const BODY_BYTES = 4096
const DEFAULT_TICKS = 12

const ServiceName = z.string().min(1).max(63)
const limit = { requests_per_second: z.int().min(1).max(1_000_000).nullable().optional() }
const ActionBody = z.strictObject(limit)
const NamedActionBody = z.strictObject({ service: ServiceName, action: z.enum(WORLD_ACTIONS), ...limit })
const FaultBody = z.strictObject({
  service: ServiceName,
  kind: z.enum(FAULTS),
  ticks: z.int().min(1).max(1_000_000).default(DEFAULT_TICKS),
  strength: z.number().min(0.1).max(3).default(1),
})

const HELP = `A simulated world of services.

GET  /metrics                           all services, for Prometheus to scrape
GET  /services, /services/NAME          what there is, what it shows, what is wrong with it
GET  /faults                            what is wrong
POST /faults                            {"service", "kind", "ticks", "strength"}
     kinds: ${FAULTS.join(', ')}
POST /services/NAME/actions/ACTION      no body, or {"requests_per_second"} for throttle; null lifts it
     actions: ${WORLD_ACTIONS.join(', ')}
POST /actions                           {"service", "action"}: the same
GET  /-/healthy
`

/** What is served of a simulated world. */
export function controlRoutes(simulation: Simulation): Route[] {
  return [
    { pattern: '/', methods: { GET: open((_req, res) => void res.type('text').send(HELP)) } },
    {
      pattern: '/-/healthy',
      methods: { GET: open((_req, res) => void res.type('text').send('The simulated world is healthy.\n')) },
    },
    {
      pattern: '/metrics',
      methods: {
        GET: open((_req, res) => {
          // As a buffer: Express would write the charset its own way.
          res.set('Content-Type', EXPOSITION_TYPE).send(Buffer.from(simulation.exposition()))
        }),
      },
    },
    ...serviceRoutes(simulation),
    ...faultRoutes(simulation),
    ...actionRoutes(simulation),
  ]
}

function serviceRoutes(simulation: Simulation): Route[] {
  const { services } = simulation.world
  return [
    {
      pattern: '/services',
      methods: {
        GET: open((_req, res) => void res.json({ items: services.map((one) => serviceJson(simulation, one)) })),
      },
    },
    {
      pattern: '/services/{name}',
      methods: {
        GET: open((req, res) => void res.json(serviceJson(simulation, serviceOf(simulation, nameOf(req))))),
      },
    },
  ]
}

function faultRoutes(simulation: Simulation): Route[] {
  const create: RequestHandler = async (req, res) => {
    const fault = await readBody(req, FaultBody, BODY_BYTES)
    serviceOf(simulation, fault.service)
    const isThere = simulation.world
      .faults()
      .some(({ service, kind }) => service === fault.service && kind === fault.kind)
    if (isThere) throw new ApiError('unprocessable', `${fault.service} has the fault ${fault.kind} already`)
    res.status(201).json(faultJson(simulation.inject(fault)))
  }
  return [
    {
      pattern: '/faults',
      methods: {
        GET: open((_req, res) => void res.json({ items: simulation.world.faults().map(faultJson) })),
        POST: open(create),
      },
    },
  ]
}

function actionRoutes(simulation: Simulation): Route[] {
  const act = (service: string, action: WorldAction, requestsPerSecond: number | null | undefined) => {
    serviceOf(simulation, service)
    if (requestsPerSecond !== undefined && action !== 'throttle')
      throw new ApiError('invalid_body', `requests_per_second is for throttle, not for ${action}`)
    return actedJson(simulation.act(service, action, { requestsPerSecond }))
  }
  const actOnOne: RequestHandler = async (req, res) => {
    const { name } = serviceOf(simulation, nameOf(req))
    const action = WORLD_ACTIONS.find((known) => known === req.params['action'])
    if (action === undefined)
      throw new ApiError('not_found', `there is no such action; there are ${WORLD_ACTIONS.join(', ')}`)
    const body = hasBody(req) ? await readBody(req, ActionBody, BODY_BYTES) : {}
    res.json(act(name, action, body.requests_per_second))
  }
  const actOnNamed: RequestHandler = async (req, res) => {
    const { service, action, requests_per_second } = await readBody(req, NamedActionBody, BODY_BYTES)
    res.json(act(service, action, requests_per_second))
  }
  return [
    { pattern: '/services/{name}/actions/{action}', methods: { POST: open(actOnOne) } },
    { pattern: '/actions', methods: { POST: open(actOnNamed) } },
  ]
}

function nameOf(req: Request): string {
  return String(req.params['name'])
}

/** @throws {ApiError} `not_found` */
function serviceOf({ world }: Simulation, name: string): ServiceDefinition {
  const found = world.services.find((one) => one.name === name)
  if (found === undefined) throw new ApiError('not_found', 'there is no such service; GET /services lists them')
  return found
}

function serviceJson({ world, latest }: Simulation, { name, tier, machine, dependsOn }: ServiceDefinition) {
  const { replicas, throttledTo } = world.state(name)
  return {
    name,
    tier,
    machine,
    depends_on: dependsOn,
    replicas,
    throttled_to: throttledTo ?? null,
    faults: world
      .faults()
      .filter(({ service }) => service === name)
      .map(({ kind }) => kind),
    metrics: latest().get(name) ?? null,
  }
}

function faultJson({ service, kind, ticks, ticksLeft, strength }: ActiveFault) {
  return { service, kind, ticks, ticks_left: ticksLeft, strength }
}

function actedJson(acted: Acted) {
  const { service, action, healed, left, changed } = acted
  return { service, action, changed, healed, faults_left: left, message: actedWords(acted) }
}
