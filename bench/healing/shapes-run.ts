import type { ActionName } from '../../src/domain/decision.ts'
import { createRandom, seedFor } from '../../src/domain/random.ts'
import { SHOP } from '../../src/simulate/service.ts'
import { createWorld, type ServiceReading } from '../../src/simulate/world.ts'
import type { Report } from '../report.ts'
import { type Harness, openHarness } from './harness.ts'
import { evenly, SHAPES, type Shape } from './shapes.ts'

const SECTION = 'healing'
const TICK_MS = 3000
const START = Date.UTC(2026, 10, 21, 9)
const WARM_UP = 120
/** Readings between two shapes, so that the service is well again. */
const PAUSE = 40

/** What became of one shape at one service. */
interface Course {
  readonly shape: Shape
  detectedAfter?: number
  detected: number
  readonly causes: Set<string>
  readonly actions: Set<ActionName>
}

interface Run {
  readonly courses: readonly Course[]
  readonly falseAlarms: number
  readonly serviceHours: number
}

/** Shapes of trouble, and of none, that are in no list, over two kinds of noise. */
export async function benchShapes(report: Report, seed: number): Promise<void> {
  const world = await run('simulated', seed)
  const even = await run('even', seed)
  report.title(
    'Shapes in no list of faults: in the noise of the simulated world, and in even noise over the ranges of B8',
  )
  report.table([
    ['', 'lasts', 'detected', 'readings', 'even: detected', 'readings', 'causes', 'actions'],
    ...world.courses.map((one, i) => rowOf(one, even.courses[i])),
  ])
  const all = [...world.courses, ...even.courses].filter(({ shape }) => shape.causes.length > 0)
  const found = all.filter(({ detectedAfter }) => detectedAfter !== undefined)
  const right = found.filter(({ shape, causes }) => shape.causes.some((cause) => causes.has(cause)))
  report.judge(SECTION, 'unlisted shapes detected', (100 * found.length) / all.length, '%', { atLeast: 98 })
  report.judge(SECTION, 'unlisted shapes: right cause among those named', (100 * right.length) / all.length, '%', {
    atLeast: 90,
  })
  const falseAlarms = (world.falseAlarms + even.falseAlarms) / (world.serviceHours + even.serviceHours)
  report.judge(SECTION, 'unlisted shapes: false alarms per service-hour', falseAlarms, '', { atMost: 0.2 })
}

function rowOf(one: Course, other: Course): string[] {
  const both = (pick: (course: Course) => ReadonlySet<string>) => [...new Set([...pick(one), ...pick(other)])].join(' ')
  const course = ({ detectedAfter, detected }: Course) => [
    detectedAfter === undefined ? 'no' : `after ${detectedAfter}`,
    String(detected),
  ]
  const { name, lasts } = one.shape
  return [name, String(lasts), ...course(one), ...course(other), both((c) => c.causes), both((c) => c.actions)]
}

async function run(noise: 'simulated' | 'even', seed: number): Promise<Run> {
  const world = createWorld({ services: SHOP, seed, startAt: START, tickMs: TICK_MS })
  const harness = await openHarness(world, false)
  const even = new Map(SHOP.map(({ name }) => [name, evenly(seed, name)]))
  const random = createRandom(seedFor(seed, 'shapes'))
  const ill = new Set<string>()
  let [ticks, falseAlarms] = [0, 0]

  async function step(course?: Course, service?: string, age = 0): Promise<void> {
    const readings = world.tick().readings.map((reading): ServiceReading => {
      const well = noise === 'even' ? even.get(reading.service)!() : reading.metrics
      return { ...reading, metrics: reading.service === service ? course!.shape.show(well, age, random) : well }
    })
    const judged = await harness.take(readings)
    ticks++
    for (const [name, { verdict }] of judged) {
      const isTrouble = name === service && course!.shape.causes.length > 0
      if (verdict.detected && !ill.has(name) && !isTrouble) falseAlarms++
      if (verdict.detected) ill.add(name)
      else ill.delete(name)
    }
    if (course !== undefined) note(course, judged, service!, age)
  }

  const courses: Course[] = []
  for (let i = 0; i < WARM_UP; i++) await step()
  for (const [i, shape] of SHAPES.entries()) {
    const course: Course = { shape, detected: 0, causes: new Set(), actions: new Set() }
    const service = SHOP[(5 * i) % SHOP.length].name
    for (let age = 0; age < shape.lasts; age++) await step(course, service, age)
    for (let after = 0; after < PAUSE; after++) await step()
    courses.push(course)
  }
  return { courses, falseAlarms, serviceHours: (ticks * SHOP.length * TICK_MS) / 3_600_000 }
}

function note(course: Course, judged: Awaited<ReturnType<Harness['take']>>, service: string, age: number): void {
  const { verdict, diagnosis, action } = judged.get(service)!
  if (!verdict.detected) return
  course.detectedAfter ??= age + 1
  course.detected++
  if (diagnosis !== undefined) course.causes.add(diagnosis.cause)
  if (action !== undefined) course.actions.add(action.action)
}
