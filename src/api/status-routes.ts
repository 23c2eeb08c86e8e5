import { principalOf } from './auth/gate.ts'
import type { StatusJson } from './contract.ts'
import type { Fleet } from './fleet.ts'
import { type Route, read } from './routes.ts'
import type { StatusSource } from './status.ts'
import { statusJson } from './status-json.ts'

export function statusRoutes(status: StatusSource, fleet: Fleet): Route[] {
  return [
    {
      pattern: '/api/v1/status',
      methods: {
        GET: read(async (_req, res) => {
          res.json(statusJson(await status.read(), fleet, principalOf(res)) satisfies StatusJson)
        }),
      },
    },
  ]
}
