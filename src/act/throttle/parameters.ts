import { z } from 'zod'

/** Each backend takes its own: an ingress the requests, a container the processors. */
export const throttleParameters = z.strictObject({
  requests_per_second: z.int().min(1).max(1_000_000).default(50),
  cpus: z.number().min(0.01).max(1024).default(0.5),
})

export type ThrottleParameters = z.output<typeof throttleParameters>
