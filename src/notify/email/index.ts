import { connect, type Socket } from 'node:net'
import type { Transporter } from 'nodemailer'
import { z } from 'zod'
import { flag, text } from '../../config/fields.ts'
import type { Notice } from '../notice.ts'
import { defineNotifier } from '../notifier.ts'
import { oneSecret, secretKeys, secretOf } from '../secret-keys.ts'
import { failureOf } from './failure.ts'

const MAX_LENGTH = 100_000
const CHART = 'chart@homeostat'

const address = z
  .string()
  .max(320)
  .refine(
    (written) => /^[^\s<>,;"\r\n]+@[^\s<>,;"\r\n]+$/.test(written),
    'is not an e-mail address, such as oncall@example.org',
  )
  .meta({ notation: 'an e-mail address', example: 'oncall@example.org' })

const configSchema = z
  .strictObject({
    to: z
      .array(address)
      .min(1)
      .max(50)
      .meta({ notation: 'a list of e-mail addresses', example: '[oncall@example.org]' })
      .describe('Who gets the mail.'),
    from: address.describe('The sender.'),
    smarthost: z
      .string()
      .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'is not HOST:PORT, such as mail.example.org:587')
      .meta({ notation: 'HOST:PORT', example: 'mail.example.org:587' })
      .describe('The mail server. Port 465 means TLS from the beginning.'),
    auth_username: text('a user name', 'homeostat').optional().describe('User name at the mail server.'),
    ...secretKeys('auth_password', 'password at the mail server'),
    require_tls: flag().default(true).describe('Send nothing before the connection is encrypted.'),
    ca_file: text('a path', '/etc/ssl/mail-ca.pem')
      .optional()
      .describe('Certificate authorities that the mail server’s certificate is checked against.'),
  })
  .superRefine((config, context) => {
    oneSecret('auth_password', config.auth_username === undefined)(config, context)
  })
  .describe('Mail by SMTP.')

/** Sends mail: each version is a mail of its own, in the thread of the first. */
export const email = defineNotifier({
  kind: 'email',
  configSchema,
  create(config, { name, resolveSecret, readFile }) {
    const password = secretOf('auth_password', config)
    const [host, port] = addressOf(config.smarthost)
    async function transportOn(socket: Socket): Promise<Transporter> {
      const { createTransport } = await import('nodemailer')
      return createTransport({
        host,
        port,
        secure: port === 465,
        requireTLS: config.require_tls,
        tls: config.ca_file === undefined ? undefined : { ca: readFile(config.ca_file) },
        auth: password && { user: config.auth_username, pass: resolveSecret(password).reveal() },
        getSocket: (_options: unknown, give: (error: null, found: { connection: Socket }) => void) => {
          give(null, { connection: socket })
        },
        disableFileAccess: true,
        disableUrlAccess: true,
      })
    }
    return {
      capabilities: { updates: 'anew', picture: true, buttons: false, maxLength: MAX_LENGTH },
      limits: [{ key: `email ${name}`, count: 30, perMs: 60_000 }],
      async send(notice, handle, signal) {
        // A connection of our own making, since that of the library does not end when it is told to.
        let socket: Socket | undefined
        try {
          socket = await connected(host, port, signal)
          const transport = await transportOn(socket)
          const mail = mailOf(notice, handle)
          const { messageId } = await transport.sendMail({ from: config.from, to: [...config.to], ...mail })
          return { handle: handle ?? messageId }
        } catch (error) {
          throw failureOf(error, config.smarthost)
        } finally {
          socket?.destroy()
        }
      },
    }
  },
})

/** A connection that ends with the signal. Rejects with the error of the network. */
function connected(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal })
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

function addressOf(smarthost: string): readonly [host: string, port: number] {
  const colon = smarthost.lastIndexOf(':')
  return [smarthost.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), Number(smarthost.slice(colon + 1))]
}

function mailOf(notice: Notice, thread: string | undefined) {
  const { chart } = notice
  const html = notice.text('html', MAX_LENGTH).replaceAll('\n', '<br>\n')
  const picture = chart === undefined ? '' : `\n<p><img src="cid:${CHART}" alt="the level against its threshold"></p>`
  return {
    subject: notice.title,
    text: notice.text('plain', MAX_LENGTH),
    html: `<!doctype html>\n<html><body style="font-family: sans-serif">\n${html}${picture}\n</body></html>`,
    attachments:
      chart === undefined
        ? []
        : [{ filename: 'level.png', content: Buffer.from(chart), contentType: 'image/png', cid: CHART }],
    ...(thread === undefined ? {} : { inReplyTo: thread, references: [thread] }),
    headers: { 'Auto-Submitted': 'auto-generated', ...(notice.attention ? { Importance: 'high' } : {}) },
  }
}
