import { describe, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import type * as Json from '../contract.ts'
import type { Action, ActionDetail } from './actions.ts'
import type { Change, Kpis, ObservationResult, Problem } from './answers.ts'
import type { Contribution } from './diagnosis.ts'
import type { Events } from './events.ts'
import type { Diagnosis, Incident, IncidentDetail } from './incidents.ts'
import type { Model, ModelDetail, ModelListing } from './models.ts'
import type { Rule } from './rules.ts'
import type { ConfigProblem, Freeze, Permissions, Session, Status } from './status.ts'
import type { Fleet, FleetTarget, Target, TargetDetail, TargetScores } from './targets.ts'

/** What a schema describes, as the contract writes it. */
type Described<S extends z.ZodType> = Frozen<z.output<S>>
type Frozen<T> = T extends readonly (infer U)[]
  ? readonly Frozen<U>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T
/** The contract in the same form: interfaces that extend others written out, codes as the texts that they are. */
type Written<T> = Frozen<T>

describe('the schemas of answers, and the types that the dashboard imports', () => {
  it('are the same', () => {
    expectTypeOf<Described<typeof Target>>().toEqualTypeOf<Written<Json.TargetJson>>()
    expectTypeOf<Described<typeof TargetDetail>>().toEqualTypeOf<Written<Json.TargetDetailJson>>()
    expectTypeOf<Described<typeof FleetTarget>>().toEqualTypeOf<Written<Json.FleetTargetJson>>()
    expectTypeOf<Described<typeof Fleet>>().toEqualTypeOf<Written<Json.FleetJson>>()
    expectTypeOf<Described<typeof TargetScores>>().toEqualTypeOf<Written<Json.TargetScoresJson>>()
    expectTypeOf<Described<typeof Incident>>().toEqualTypeOf<Written<Json.IncidentJson>>()
    expectTypeOf<Described<typeof IncidentDetail>>().toEqualTypeOf<Written<Json.IncidentDetailJson>>()
    expectTypeOf<Described<typeof Diagnosis>>().toEqualTypeOf<Written<Json.DiagnosisJson>>()
    expectTypeOf<Described<typeof Contribution>>().toEqualTypeOf<Written<Json.ContributionJson>>()
    expectTypeOf<Described<typeof Action>>().toEqualTypeOf<Written<Json.ActionJson>>()
    expectTypeOf<Described<typeof ActionDetail>>().toEqualTypeOf<Written<Json.ActionDetailJson>>()
    expectTypeOf<Described<typeof Rule>>().toEqualTypeOf<Written<Json.RuleJson>>()
    expectTypeOf<Described<typeof Model>>().toEqualTypeOf<Written<Json.ModelJson>>()
    expectTypeOf<Described<typeof ModelListing>>().toEqualTypeOf<Written<Json.ModelListingJson>>()
    expectTypeOf<Described<typeof ModelDetail>>().toEqualTypeOf<Written<Json.ModelDetailJson>>()
    expectTypeOf<Described<typeof Status>>().toEqualTypeOf<Written<Json.StatusJson>>()
    expectTypeOf<Described<typeof Freeze>>().toEqualTypeOf<Written<Json.FreezeJson>>()
    expectTypeOf<Described<typeof Permissions>>().toEqualTypeOf<Written<Json.PermissionsJson>>()
    expectTypeOf<Described<typeof Session>>().toEqualTypeOf<Written<Json.SessionJson>>()
    expectTypeOf<Described<typeof Kpis>>().toEqualTypeOf<Written<Json.KpisJson>>()
    expectTypeOf<Described<typeof Change>>().toEqualTypeOf<Written<Json.ChangeJson>>()
    expectTypeOf<Described<typeof ConfigProblem>>().toEqualTypeOf<Written<Json.ConfigProblemJson>>()
    expectTypeOf<Described<typeof ObservationResult>>().toEqualTypeOf<Written<Json.ObservationResultJson>>()
    expectTypeOf<Described<typeof Events>>().toEqualTypeOf<Written<Json.EventsJson>>()
    // The types know that a code is a text; the schema knows all of them.
    expectTypeOf<Described<typeof Problem>>().toExtend<Written<Json.ProblemJson>>()
  })
})
