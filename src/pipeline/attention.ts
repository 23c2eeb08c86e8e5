/** Source: Nagios, "Detection and Handling of State Flapping". */
const SAMPLES = 21

/** How long, and how steadily, targets have been unwell. */
export interface Attention {
  /**
   * Takes the next sample of every target; a transaction that is tried again takes no other one.
   *
   * @param at time of the cycle, ms since the epoch
   * @param unwell targets with an anomaly or a firing alert
   * @param heard whether anything was heard of a target in this cycle
   */
  sample(at: number, unwell: ReadonlySet<string>, heard: (target: string) => boolean): void
  /** The same for one target that has cycles of its own. */
  sampleOne(target: string, at: number, isUnwell: boolean): void
  /** Cycles in a row that a target has been unwell, the newest included. */
  heldCycles(target: string): number
  /**
   * Takes the rule that matches what is wrong with a target; undefined where none does. While it is not asked, because
   * an action is under way, what it said last holds on.
   *
   * @param inCycle whether the target's newest sample is of now; between two cycles nothing has held for one yet
   * @returns cycles in a row that it is this rule
   */
  match(target: string, rule: string | undefined, inCycle: boolean): number
  /** Changes between well and unwell within the target's last 21 samples. */
  stateChanges(target: string): number
}

interface Course {
  /** Oldest first, at most 21. */
  readonly samples: boolean[]
  held: number
  /** The rule that matched last, and the place among the cycles held from which on it did. */
  matched?: { readonly rule: string; readonly from: number }
  /** Time of the newest sample of a target that has cycles of its own. */
  at?: number
}

/** Remembers only targets that were unwell within their last samples. What it knows is gone after a restart, on purpose. */
export function createAttention(): Attention {
  const courses = new Map<string, Course>()
  let sampledAt = Number.NaN

  function take(target: string, course: Course, isUnwell: boolean): void {
    course.held = isUnwell ? course.held + 1 : 0
    if (!isUnwell) course.matched = undefined
    course.samples.push(isUnwell)
    if (course.samples.length > SAMPLES) course.samples.shift()
    if (!course.samples.includes(true)) courses.delete(target)
  }

  return {
    sample(at, unwell, heard) {
      if (at === sampledAt) return
      sampledAt = at
      for (const target of unwell) if (!courses.has(target)) courses.set(target, { samples: [false], held: 0 })
      for (const [target, course] of courses) {
        const isUnwell = unwell.has(target)
        if (isUnwell || heard(target)) take(target, course, isUnwell)
      }
    },
    sampleOne(target, at, isUnwell) {
      const course = courses.get(target) ?? { samples: [false], held: 0 }
      if (course.at === at || (!isUnwell && !courses.has(target))) return
      course.at = at
      courses.set(target, course)
      take(target, course, isUnwell)
    },
    heldCycles: (target) => courses.get(target)?.held ?? 0,
    match(target, rule, inCycle) {
      const course = courses.get(target)
      if (course === undefined) return 0
      if (rule === undefined) course.matched = undefined
      else if (course.matched?.rule !== rule) course.matched = { rule, from: course.held + (inCycle ? 0 : 1) }
      return course.matched === undefined ? 0 : course.held - course.matched.from + 1
    },
    stateChanges(target) {
      const samples = courses.get(target)?.samples ?? []
      return samples.filter((sample, i) => i > 0 && sample !== samples[i - 1]).length
    },
  }
}
