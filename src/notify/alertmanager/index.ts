import { z } from 'zod'
import { flag, httpUrl, text } from '../../config/fields.ts'
import { NotifyError } from '../../pipeline/receivers.ts'
import { checkStatus, retryAfterOf } from '../answer-status.ts'
import type { Notice, NoticeIncident } from '../notice.ts'
import { defineNotifier, type KeptSilence, type NotifierContext } from '../notifier.ts'
import { oneSecret, secretKeys, secretOf } from '../secret-keys.ts'

/** How often Alertmanager is told what goes on, and after how long without that it takes it for over. */
const REFRESH_MS = 60_000
const EXPIRY_MS = 4 * REFRESH_MS
const TEXT_LENGTH = 4_096

const configSchema = z
  .strictObject({
    urls: z
      .array(httpUrl('http://alertmanager:9093'))
      .min(1)
      .max(16)
      .meta({ notation: 'a list of URLs', example: '["http://alertmanager:9093"]' })
      .describe('Every member of the cluster; it is enough when one of them takes the alerts.'),
    username: text('a user name', 'homeostat').optional().describe('User name of basic authentication.'),
    ...secretKeys('password', 'password of basic authentication'),
    ...secretKeys('token', 'bearer token'),
    silences: flag().default(false).describe('Set here, too, what people silence in a chat.'),
  })
  .superRefine((config, context) => {
    oneSecret('token', true)(config, context)
    oneSecret('password', config.username === undefined)(config, context)
    if (config.username !== undefined || secretOf('password', config) === undefined) return
    const params = { hint: 'give username, or leave out the password' }
    context.addIssue({ code: 'custom', message: 'has a password without username', params })
  })
  .describe('An Alertmanager, whose routing, grouping and silences then apply to our anomalies.')

type Config = z.output<typeof configSchema>

/** Posts our own anomalies as alerts. An incident that only alerts of others make up is none of ours. */
export const alertmanager = defineNotifier({
  kind: 'alertmanager',
  configSchema,
  create(config, context) {
    const { clock } = context
    return {
      capabilities: {
        updates: 'in_place',
        picture: false,
        buttons: false,
        maxLength: TEXT_LENGTH,
        refreshMs: REFRESH_MS,
        groupsItself: true,
        silencesItself: true,
      },
      limits: [],
      silence: config.silences ? (silence, signal) => keep(silence, config, context, signal) : undefined,
      async send(notice, _handle, signal) {
        const ours = notice.incidents.filter(({ level }) => level > 0)
        if (ours.length === 0) return {}
        const body = JSON.stringify(ours.map((incident) => alertOf(incident, notice, clock.now())))
        const answers = await Promise.allSettled(
          config.urls.map((url) => postTo(url, 'alerts', body, config, context, signal)),
        )
        if (answers.some(({ status }) => status === 'fulfilled')) return { handle: 'posted' }
        throw answers.find((answer) => answer.status === 'rejected')?.reason
      },
    }
  },
})

/**
 * Labels stay the same for as long as the incident lasts, or Alertmanager would take a change for another alert; only
 * the severity follows, and what had another one runs out.
 */
function alertOf(incident: NoticeIncident, notice: Notice, now: number): object {
  const { id, target, labels, severity, cause, evidence, times } = incident
  const sole = notice.incidents.length === 1
  return {
    labels: {
      ...withoutEmpty(labels),
      alertname: 'HomeostatAnomaly',
      target,
      severity,
      origin: 'homeostat',
    },
    annotations: withoutEmpty({
      summary: sole ? notice.title : `${target}: ${cause}`,
      description: sole ? notice.text('plain', TEXT_LENGTH) : evidence.join('; '),
      cause,
      incident: id,
    }),
    startsAt: new Date(times.detectedAt).toISOString(),
    endsAt: new Date(times.recoveredAt ?? now + EXPIRY_MS).toISOString(),
    generatorURL: notice.links[0]?.url,
  }
}

function withoutEmpty(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== ''))
}

/** A silence, in whichever member of the cluster takes it: they tell each other. */
async function keep(
  { labels, from, until, by, text }: KeptSilence,
  config: Config,
  context: NotifierContext,
  signal: AbortSignal,
): Promise<void> {
  // A silence without matchers would be one of everything.
  const matchers = Object.entries(withoutEmpty(labels)).map(([name, value]) => ({
    name,
    value,
    isRegex: false,
    isEqual: true,
  }))
  if (matchers.length === 0) throw new NotifyError('rejected', 'a silence without labels would silence everything')
  const times = { startsAt: new Date(from).toISOString(), endsAt: new Date(until).toISOString() }
  const body = JSON.stringify({ matchers, ...times, createdBy: by, comment: text === '' ? 'set in a chat' : text })
  for (const [i, url] of config.urls.entries()) {
    try {
      return await postTo(url, 'silences', body, config, context, signal)
    } catch (error) {
      if (i === config.urls.length - 1) throw error
    }
  }
}

async function postTo(
  url: string,
  what: 'alerts' | 'silences',
  body: string,
  config: Config,
  { name, fetch, clock, resolveSecret }: NotifierContext,
  signal: AbortSignal,
): Promise<void> {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  const [password, token] = [secretOf('password', config), secretOf('token', config)]
  if (token !== undefined) headers['authorization'] = `Bearer ${resolveSecret(token).reveal()}`
  else if (password !== undefined) {
    const credentials = `${config.username}:${resolveSecret(password).reveal()}`
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`
  }
  let response: Response
  try {
    const address = `${url.replace(/\/+$/, '')}/api/v2/${what}`
    response = await fetch(address, { method: 'POST', headers, body, redirect: 'manual', signal })
  } catch (error) {
    const { code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
    const why = signal.aborted ? 'stopped' : (code ?? 'unknown error')
    throw new NotifyError('unavailable', `the Alertmanager of ${name} gave no answer: ${why}`)
  }
  await response.body?.cancel()
  const retryAfterMs = retryAfterOf(response.headers.get('retry-after'), clock.now())
  checkStatus(`the Alertmanager of ${name}`, response.status, retryAfterMs)
}
