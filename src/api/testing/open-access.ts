import type { Access } from '../auth/access.ts'

/** The open door of a machine that only talks to itself. */
export const OPEN_ACCESS: Access = {
  api: undefined,
  loopbackOnly: true,
  metricsAuth: false,
  tls: false,
  webhooks: { alertmanager: {}, grafana: {} },
}
