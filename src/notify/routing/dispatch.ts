import { type Dispatch, directLeg, type Leg } from '../../pipeline/receivers.ts'
import { groupKeyOf, isMuted, type Route, routesOf } from './route.ts'
import { endOf } from './time-interval.ts'

/** Routing as a tree of routes has it. @param root undefined: nobody is told of anything that is not addressed */
export function createDispatch(root: Route | undefined): Dispatch {
  return (message) => {
    const routes = root === undefined ? [] : routesOf(root, message)
    const { addressed } = message
    const legs = routes.map(
      (route): Leg => ({
        receiver: route.receiver,
        groupKey: groupKeyOf(route, message),
        groupWaitMs: route.groupWaitMs,
        groupIntervalMs: route.groupIntervalMs,
        repeatIntervalMs: route.repeatIntervalMs,
        heldUntil: (at) => (isMuted(route, at) ? endOf((then) => isMuted(route, then), at) : undefined),
      }),
    )
    if (addressed === undefined) return legs
    const routed = legs.find(({ receiver }) => receiver === addressed.to)
    return [routed ?? directLeg(addressed.to, message)]
  }
}
