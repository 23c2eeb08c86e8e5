import { z } from 'zod'
import { count, duration, number, oneOf, section, text } from '../../config/fields.ts'
import { type FileReading, readOtherFile } from '../../config/other-file.ts'
import { FAULTS } from '../../simulate/fault.ts'
import { checkCalls, type ServiceDefinition } from '../../simulate/service.ts'

/** Part of URLs, label values and sentences. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/

const name = (what: string, example: string) =>
  text(what, example).refine((value) => NAME.test(value), {
    message: 'must be letters, digits, _, . and -, at most 63, and begin with a letter or digit',
  })

const service = z.strictObject({
  name: name('a name', 'checkout').describe('Name of the service.'),
  calls: z.array(name('a name', 'ledger')).max(100).default([]).describe('Services that it calls.'),
  tier: name('a word', 'app').default('app').describe('Label `tier` of its readings.'),
  machine: name('a name', 'm1').default('m1').describe('What it runs on; services on one machine disturb each other.'),
})

const fault = z.strictObject({
  at: duration('0s', '365d').default(0).describe('Time from the start of the world.'),
  service: name('a name', 'ledger').describe('Where.'),
  kind: oneOf(FAULTS).describe('What.'),
  ticks: count(1, 1_000_000).optional().describe('Readings that it lasts unless it is healed; 8–18 unless given.'),
  strength: number(0.1, 3).default(1).describe('How hard it hits.'),
})

const faults = z.array(fault).max(100_000)

const worldFile = section({
  services: z.array(service).min(1).max(1000).describe('All services of the world.'),
  faults: faults.optional().describe('When what goes wrong; without it, chance decides.'),
})

const faultFile = section({ faults: faults.describe('When what goes wrong.') })

/** A fault as it is asked for: in a file, by a flag. */
export interface FaultRequest extends Omit<z.output<typeof fault>, 'at'> {
  /** ms from the start of the world. */
  readonly at: number
}

export interface WorldFile {
  readonly services: readonly ServiceDefinition[]
  readonly faults: readonly FaultRequest[] | undefined
}

/** Reads a world of one's own; services that are called must be there, and no call may come back. */
export function readWorldFile(file: string, content: string): FileReading<WorldFile> {
  const { value, problems, problem } = readOtherFile<z.output<typeof worldFile>>(file, content, worldFile)
  if (value === undefined) return { value, problems, problem }
  const services = value.services.map(({ calls, ...one }) => ({ ...one, dependsOn: [...new Set(calls)] }))
  try {
    checkCalls(services)
  } catch (error) {
    const { message } = error as RangeError
    return { value: undefined, problems: [problem({ path: ['services'], message })], problem }
  }
  const unknown = unknownServices(value.faults ?? [], services).map((finding) => problem(finding))
  if (unknown.length > 0) return { value: undefined, problems: unknown, problem }
  return { value: { services, faults: value.faults }, problems, problem }
}

/** Reads a schedule of faults for a world. */
export function readFaultFile(
  file: string,
  content: string,
  services: readonly ServiceDefinition[],
): FileReading<readonly FaultRequest[]> {
  const { value, problems, problem } = readOtherFile<z.output<typeof faultFile>>(file, content, faultFile)
  if (value === undefined) return { value, problems, problem }
  const unknown = unknownServices(value.faults, services).map((finding) => problem(finding))
  if (unknown.length > 0) return { value: undefined, problems: unknown, problem }
  return { value: value.faults, problems, problem }
}

function unknownServices(asked: readonly FaultRequest[], services: readonly ServiceDefinition[]) {
  const known = new Set(services.map((one) => one.name))
  return asked.flatMap((one, i) =>
    known.has(one.service)
      ? []
      : [{ path: ['faults', i, 'service'], message: `${one.service} is no service of this world` }],
  )
}
