import { defineAction } from '../action.ts'
import { throttleContainer } from './docker.ts'
import { throttleIngress } from './ingress.ts'
import { type ThrottleParameters, throttleParameters } from './parameters.ts'

export const throttle = defineAction<ThrottleParameters>({
  name: 'throttle',
  summary: 'lets the target have less: requests at the ingress, or processor time',
  parameters: throttleParameters,
  on: { ingress: throttleIngress, container: throttleContainer },
  refusals: {
    unit: 'a systemd unit cannot be throttled by Homeostat: configure a command under actions.exec',
    pod: 'a pod cannot be throttled: map the target to its ingress as well',
    deployment: 'a deployment cannot be throttled: map the target to its ingress as well',
    statefulset: 'a statefulset cannot be throttled: map the target to its ingress as well',
  },
})
