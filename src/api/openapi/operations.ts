import { fleetOperations } from './fleet-operations.ts'
import { incidentOperations } from './incident-operations.ts'
import type { Operation } from './operation.ts'
import { serviceOperations } from './service-operations.ts'

/** Every method of every route. */
export const OPERATIONS: readonly Operation[] = [...fleetOperations, ...incidentOperations, ...serviceOperations]
