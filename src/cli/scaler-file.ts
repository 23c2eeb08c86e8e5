import { z } from 'zod'
import type { ImportedScaler } from '../app/imported-network.ts'
import { UsageError } from './exit.ts'

const numbers = z.array(z.number())
const scale = z.array(z.number().positive())
const features = z.array(z.string().min(1)).min(1)

/** One network's own file: features, and either how they lie in their range or how far they deviate. */
const plain = z.union([
  z.object({ features, minimum: numbers, range: scale }),
  z.object({ features, minimum: numbers, maximum: numbers }),
  z.object({ features, center: numbers, spread: scale }),
])
/** JSON knows no infinity: `model export` writes null for a feature without a value in training. */
const exportedScale = z.array(
  z
    .number()
    .positive()
    .nullable()
    .transform((by) => by ?? Number.POSITIVE_INFINITY),
)
/** What `model export` writes: the scalers of all targets of the model. */
const exported = z.object({
  format: z.literal('homeostat-scaler/1'),
  features,
  scaling: z.enum(['minmax', 'deviations']),
  targets: z.record(
    z.string(),
    z.object({ minimum: numbers, range: exportedScale, center: numbers, spread: exportedScale }),
  ),
})

/**
 * Reads the file that says how the features of a network are scaled.
 *
 * @param target the one whose scaler is taken where the file has several
 * @throws {UsageError} naming the file
 */
export function readScaler(file: string, text: string, target: string): ImportedScaler {
  const json = parseJson(file, text)
  const own = exported.safeParse(json)
  if (own.success) {
    const { targets, scaling } = own.data
    const only = Object.values(targets).length === 1 ? Object.values(targets)[0] : undefined
    const one = targets[target] ?? only
    if (one === undefined) throw new UsageError(`${file}: has no scaler of ${target}`)
    const [offset, by] = scaling === 'minmax' ? [one.minimum, one.range] : [one.center, one.spread]
    return checked(file, { features: own.data.features, scaling, offset, scale: by })
  }
  const other = plain.safeParse(json)
  if (!other.success) {
    throw new UsageError(
      `${file}: needs "features", and "minimum" with "maximum" or "range" > 0, or "center" with "spread" > 0, a number each`,
    )
  }
  const given = other.data
  if ('center' in given) {
    return checked(file, { features: given.features, scaling: 'deviations', offset: given.center, scale: given.spread })
  }
  const range = 'range' in given ? given.range : given.maximum.map((high, i) => high - given.minimum[i] || 1)
  return checked(file, { features: given.features, scaling: 'minmax', offset: given.minimum, scale: range })
}

function checked(file: string, scaler: ImportedScaler): ImportedScaler {
  const { features: names, offset, scale: by } = scaler
  if (offset.length !== names.length || by.length !== names.length) {
    throw new UsageError(`${file}: ${names.length} features, but ${offset.length} and ${by.length} numbers`)
  }
  if (new Set(names).size < names.length) throw new UsageError(`${file}: a feature is named twice`)
  return scaler
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`${file}: is no JSON: ${(cause as Error).message}`, { cause })
  }
}
