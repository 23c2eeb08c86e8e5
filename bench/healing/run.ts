import { parseArgs } from 'node:util'
import { FAULTS } from '../../src/simulate/fault.ts'
import { makeFleet } from '../../src/simulate/fleet.ts'
import { startKira } from '../detection/kira.ts'
import { Report } from '../report.ts'
import { median } from '../timing.ts'
import { type CampaignResult, type FaultCourse, isRightAction, RIGHT_CAUSES, runCampaign } from './campaign.ts'
import { metricsOf } from './harness.ts'
import { createKiraRule } from './kira-rule.ts'
import { benchPairs } from './pairs.ts'
import { benchShapes } from './shapes-run.ts'

const USAGE = `npm run bench:healing -- [--faults 300] [--services 12] [--lasts 60] [--seed 1]

Faults of a simulated world, each once left alone and once healed by the product, and KIRA's own rule on the same
stream; then shapes of trouble that are in no list, and two faults at once. docs/performance.md explains the figures.`

const SECTION = 'healing'
/** KIRA grows a forest for every reading: so many are enough to tell its time and its alarms. */
const KIRA_READINGS = 60_000

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      faults: { type: 'string', default: '300' },
      services: { type: 'string', default: '12' },
      lasts: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const [faults, count, lasts, seed] = [values.faults, values.services, values.lasts, values.seed].map(Number)
  const report = new Report(console.log)
  const services = makeFleet(count, seed)
  report.line(
    `${faults} faults in ${services.length} services, seed ${seed}; each lasts ${lasts} readings if left alone`,
  )
  const kira = kiraBeside(services.length)
  const alone = await runCampaign({ services, seed, faults, lasts, heals: false, onReading: kira.take })
  const healed = await runCampaign({ services, seed, faults, lasts, heals: true })
  tellFaults(report, alone, healed)
  judge(report, alone, healed)
  await tellKira(report, healed, kira)
  await benchShapes(report, seed)
  await benchPairs(report, seed)
  report.summary()
  return 0
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const share = <T>(all: readonly T[], passes: (one: T) => boolean) => all.filter(passes).length / all.length
const percent = (part: number) => `${(100 * part).toFixed(1)} %`
const isRightCause = ({ fault, cause }: FaultCourse) => cause !== undefined && RIGHT_CAUSES[fault.kind].includes(cause)
const timeOf = (course: FaultCourse, lasts: number) => course.recoveredAfter ?? lasts

function tellFaults(report: Report, alone: CampaignResult, healed: CampaignResult): void {
  report.title('By kind of fault; times in readings of 3 s')
  report.table([
    ['', 'faults', 'detected', 'after', 'right cause', 'right action', 'first actions', 'left alone', 'healed'],
    ...FAULTS.map((kind) => {
      const of = (result: CampaignResult) => result.courses.filter(({ fault }) => fault.kind === kind)
      const [own, before] = [of(healed), of(alone)]
      return [
        kind,
        String(own.length),
        percent(share(own, ({ detectedAfter }) => detectedAfter !== undefined)),
        median(own.flatMap(({ detectedAfter }) => detectedAfter ?? [])).toFixed(0),
        percent(share(own, isRightCause)),
        percent(share(own, isRightAction)),
        [...new Set(own.map(({ firstAction }) => firstAction))].join(' '),
        mean(before.map((one) => timeOf(one, one.fault.ticks))).toFixed(1),
        mean(own.map((one) => timeOf(one, one.fault.ticks))).toFixed(1),
      ]
    }),
  ])
}

function judge(report: Report, alone: CampaignResult, healed: CampaignResult): void {
  const { courses, falseAlarms, serviceHours, harmful, vain } = healed
  const delays = courses.flatMap(({ detectedAfter }) => detectedAfter ?? [])
  const timesOf = ({ courses: all }: CampaignResult, wanted: (one: FaultCourse) => boolean) =>
    all.filter(wanted).map((one) => timeOf(one, one.fault.ticks))
  /** Those about which B9 asks for more than to tell people: the others nobody heals. */
  const acted = new Set(courses.filter(({ firstAction }) => firstAction !== 'alert').map(({ fault }) => fault.atTick))
  const isActed = ({ fault }: FaultCourse) => acted.has(fault.atTick)
  const ratio = (wanted: (one: FaultCourse) => boolean) => mean(timesOf(healed, wanted)) / mean(timesOf(alone, wanted))
  report.judge(SECTION, 'faults detected', 100 * share(courses, (one) => one.detectedAfter !== undefined), '%', {
    atLeast: 98,
  })
  report.judge(SECTION, 'time to detect, median', median(delays), 'readings', { atMost: 3 })
  report.judge(SECTION, 'right cause', 100 * share(courses, isRightCause), '%', { atLeast: 90 })
  report.judge(SECTION, 'right first action by B9', 100 * share(courses, isRightAction), '%', { atLeast: 95 })
  report.judge(SECTION, 'false alarms per service-hour', falseAlarms / serviceHours, '', { atMost: 0.2 })
  report.judge(SECTION, 'false alarms per service-hour, left alone', alone.falseAlarms / alone.serviceHours, '', {
    atMost: 0.2,
  })
  report.judge(SECTION, 'harmful actions', harmful.length, '', { atMost: 0 })
  report.judge(SECTION, 'time to recover of faults that B9 acts on, share of the unhealed', ratio(isActed), '', {
    atMost: 1 / 3,
  })
  report.note(
    SECTION,
    'time to recover of all faults, share of the unhealed',
    ratio(() => true),
    '',
  )
  report.note(SECTION, 'actions that did not help', vain, '')
  for (const { service, action } of harmful.slice(0, 10)) report.line(`  harmful: ${action} of ${service}`)
}

function kiraBeside(services: number) {
  const rules = new Map<string, (row: readonly number[]) => boolean>()
  const flagged = new Map<string, boolean>()
  const kira = { readings: 0, cpuMs: 0, falseAlarms: 0, faultReadings: 0, caught: 0 }
  return {
    ...kira,
    tally: kira,
    take(service: string, metrics: Parameters<typeof metricsOf>[0], isExplained: boolean, isFaulty: boolean): void {
      if (kira.readings >= KIRA_READINGS) return
      const rule = rules.get(service) ?? createKiraRule(6, rules.size + services)
      rules.set(service, rule)
      const began = process.cpuUsage()
      const flags = rule([...metricsOf(metrics).values()])
      const { user, system } = process.cpuUsage(began)
      kira.cpuMs += (user + system) / 1000
      kira.readings++
      if (isFaulty) {
        kira.faultReadings++
        if (flags) kira.caught++
      } else if (flags && !flagged.get(service) && !isExplained) kira.falseAlarms++
      flagged.set(service, flags)
    },
  }
}

async function tellKira(
  report: Report,
  healed: CampaignResult,
  { tally }: ReturnType<typeof kiraBeside>,
): Promise<void> {
  const hours = (tally.readings * 3) / 3600
  const python = await startKira()
  const ours = healed.cpuMsPerReading
  report.title('KIRA’s own rule (z-score 2.5 on 30 readings, a fresh forest at every one) on the same stream')
  report.table([
    ['', 'false alarms per service-hour', 'readings of faults flagged', 'processor per reading, ms'],
    [
      'KIRA’s rule, our forest',
      (tally.falseAlarms / hours).toFixed(1),
      percent(tally.caught / tally.faultReadings),
      (tally.cpuMs / tally.readings).toFixed(3),
    ],
    ['ours, the whole pipeline', (healed.falseAlarms / healed.serviceHours).toFixed(2), '', ours.toFixed(3)],
  ])
  if ('missing' in python) report.line(`  KIRA’s processor time as it is cannot be told: ${python.missing}`)
  else {
    const pythonMs = (await python.score(100)) / 100
    python.stop()
    report.note(SECTION, `KIRA’s processor time with scikit-learn ${python.version}`, pythonMs, 'ms')
    report.judge(SECTION, 'KIRA’s processor time with scikit-learn, in ours', pythonMs / ours, '×', { atLeast: 100 })
  }
  report.note(SECTION, 'KIRA’s rule with our forest: processor time in ours', tally.cpuMs / tally.readings / ours, '×')
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(error.stack)
    process.exit('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS') ? 2 : 1)
  },
)
