import { z } from 'zod'
import { INCIDENT_STATES, TIMELINE_KINDS } from '../../domain/incident.ts'
import { Action } from './actions.ts'
import { Contribution, DIAGNOSIS_SHAPE } from './diagnosis.ts'
import { Count, Labels, orNull, Share, Time, Values } from './values.ts'

export const Incident = z
  .strictObject({
    id: z.string(),
    target: z.string(),
    state: z.enum(INCIDENT_STATES),
    severity: Share.nullable().describe('At its highest.'),
    cause: z.string().nullable().describe('null until there is a diagnosis.'),
    opened_at: Time,
    closed_at: Time.nullable().describe('When the anomaly ended.'),
    level: z.number().min(0).nullable().describe('At its highest.'),
    evidence: z.string().nullable().describe('The strongest evidence of the diagnosis.'),
    alerts_firing: Count.describe('Alerts of others that fire in it now.'),
    acknowledged_at: Time.nullable(),
  })
  .meta({ id: 'Incident', description: 'One episode of trouble of one target.' })

const Alert = z.strictObject({
  source: z.enum(['alertmanager', 'grafana']),
  name: z.string(),
  status: z.enum(['firing', 'resolved']),
  summary: z.string(),
  labels: Labels,
  fingerprint: z.string(),
  starts_at: Time,
  ends_at: Time.nullable(),
})

export const Diagnosis = z
  .strictObject({
    ...DIAGNOSIS_SHAPE,
    peers: z.strictObject({ group: z.string(), anomalous: Count, size: Count }).nullable(),
  })
  .meta({ id: 'Diagnosis', description: 'A named cause, and what speaks for it.' })

const TimelineEntry = z
  .strictObject({
    at: Time,
    kind: z.enum(TIMELINE_KINDS),
    by: z.string().describe('`homeostat`, `api`, `api:NAME`, `telegram:ID`'),
    text: z.string(),
    data: Values,
    guards: z
      .array(z.strictObject({ guard: z.string(), agrees: z.boolean(), reason: z.string() }))
      .describe('Of `decided`: the guards that were asked, and what they said.'),
  })
  .meta({ id: 'TimelineEntry', description: 'Something that happened in an incident.' })

export const IncidentDetail = Incident.extend({
  labels: Labels,
  contributions: z.array(Contribution).describe('The features that spoke when the level was highest.'),
  contributions_at_opening: z.array(Contribution),
  feedback: z.strictObject({ useful: z.boolean(), at: Time }).nullable(),
  alerts: z.array(Alert),
  diagnosis: orNull(Diagnosis),
  actions: z.array(Action).describe('Newest first.'),
  related: z.array(z.string()).describe('Other incidents that belong to it.'),
  timeline: z.array(TimelineEntry).describe('Oldest first.'),
}).meta({ id: 'IncidentDetail', description: 'An incident from its first sign to proof of recovery.' })
