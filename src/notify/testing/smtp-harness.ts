import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { Reaction } from './contract.ts'

/** A mail as it arrived, its parts decoded. */
export interface Mail {
  readonly raw: string
  readonly headers: string
  readonly parts: readonly { readonly type: string; readonly text: string }[]
}

/** A real SMTP server on loopback that does as it is told. */
export interface SmtpSide {
  readonly port: number
  readonly mails: Mail[]
  attempts: number
  reaction: Reaction
  close(): Promise<void>
}

/** @param password what it takes of the user `homeostat` */
export async function smtpSide(password: string): Promise<SmtpSide> {
  const side = { mails: [] as Mail[], attempts: 0, reaction: 'take' as Reaction }
  const server = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onConnect(_session, callback) {
      side.attempts++
      if (side.reaction !== 'hang') callback()
    },
    onAuth(auth, _session, callback) {
      const good = side.reaction !== 'unauthorized' && auth.username === 'homeostat' && auth.password === password
      callback(
        good ? null : refusal(`no such password ${auth.password}`, 535),
        good ? { user: auth.username } : undefined,
      )
    },
    onRcptTo(_address, _session, callback) {
      if (side.reaction === 'refuse') callback(refusal('no such mailbox', 550))
      else if (side.reaction === 'slow_down') callback(refusal('come back later', 450))
      else callback()
    },
    onData(stream, _session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (side.reaction === 'fail') return callback(refusal('the disk is full', 452))
        side.mails.push(readMail(Buffer.concat(chunks).toString('latin1')))
        callback()
      })
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return Object.assign(side, { port, close: () => new Promise<void>((resolve) => server.close(() => resolve())) })
}

function refusal(message: string, responseCode: number): Error {
  return Object.assign(new Error(message), { responseCode })
}

function readMail(raw: string): Mail {
  const headers = unfolded(raw.slice(0, raw.indexOf('\r\n\r\n')))
  return { raw, headers, parts: partsOf(raw) }
}

function partsOf(raw: string): Mail['parts'] {
  const split = raw.indexOf('\r\n\r\n')
  const [headers, body] = [unfolded(raw.slice(0, split)), raw.slice(split + 4)]
  const type = /^content-type: ([^;\r\n]+)/im.exec(headers)?.[1] ?? 'text/plain'
  const boundary = /boundary="?([^";\r\n]+)/i.exec(headers)?.[1]
  if (boundary !== undefined)
    return body
      .split(`--${boundary}`)
      .slice(1, -1)
      .flatMap((part) => partsOf(part.trimStart()))
  const encoding = /^content-transfer-encoding: (\S+)/im.exec(headers)?.[1]
  return [{ type, text: decoded(body, encoding) }]
}

function unfolded(headers: string): string {
  return headers.replace(/\r\n[ \t]+/g, ' ')
}

function decoded(body: string, encoding: string | undefined): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1').toString('utf8')
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
