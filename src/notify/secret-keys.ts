import type { z } from 'zod'
import { text } from '../config/fields.ts'
import type { SecretReference } from '../platform/secrets.ts'

type Keys<N extends string> = Readonly<Record<`${N}_file` | `${N}_env`, z.ZodOptional<ReturnType<typeof text>>>>

/** The two keys that say where a secret is: `NAME_file` and `NAME_env`. @param what it is: `bot token` */
export function secretKeys<N extends string>(name: N, what: string): Keys<N> {
  const variable = `HOMEOSTAT_${name.toUpperCase()}`
  return {
    [`${name}_file`]: text('a path', `/run/secrets/${name}`).optional().describe(`File that holds the ${what}.`),
    [`${name}_env`]: text('the name of an environment variable', variable)
      .optional()
      .describe(`Environment variable that holds the ${what}.`),
  } as Keys<N>
}

/** Finds fault unless one of the two keys is given, or neither where the secret may be missing; for `superRefine`. */
export function oneSecret(name: string, optional = false) {
  return (config: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
    const given = [`${name}_file`, `${name}_env`].filter((key) => config[key] !== undefined)
    if (given.length === 1 || (optional && given.length === 0)) return
    const message = given.length === 2 ? `has both ${given.join(' and ')}` : `has neither ${name}_file nor ${name}_env`
    context.addIssue({ code: 'custom', message, params: { hint: 'exactly one of them is needed' } })
  }
}

/** The reference that the two keys make; undefined where neither is given. */
export function secretOf<N extends string>(
  name: N,
  config: Readonly<Partial<Record<`${N}_file` | `${N}_env`, string>>>,
): SecretReference | undefined {
  const [file, env] = [config[`${name}_file`], config[`${name}_env`]]
  return file === undefined && env === undefined ? undefined : { file, env }
}
