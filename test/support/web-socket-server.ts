import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** The server's end of one web socket. */
export interface SocketEnd {
  send(text: string): void
  close(): void
}

/** Takes an upgrade and speaks RFC 6455 as far as short texts need it. */
export function acceptSocket(request: IncomingMessage, stream: Duplex, hear: (text: string) => void): SocketEnd {
  const key = request.headers['sec-websocket-key'] ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  stream.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  let pending = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    for (let frame = readFrame(pending); frame !== undefined; frame = readFrame(pending)) {
      pending = pending.subarray(frame.size)
      if (frame.opcode === 1) hear(frame.text)
      if (frame.opcode === 8) stream.end()
    }
  })
  stream.on('error', () => stream.destroy())
  return {
    send(text) {
      const body = Buffer.from(text)
      const length = body.length < 126 ? Buffer.from([body.length]) : Buffer.from([126, body.length >> 8, body.length])
      stream.write(Buffer.concat([Buffer.from([0x81]), length, body]))
    },
    close: () => void stream.end(Buffer.from([0x88, 0])),
  }
}

/** A masked frame, as clients send them. */
function readFrame(data: Buffer): { opcode: number; text: string; size: number } | undefined {
  if (data.length < 2) return undefined
  const short = data[1] & 0x7f
  const at = short === 126 ? 4 : 2
  if (data.length < at + 4) return undefined
  const length = short === 126 ? data.readUInt16BE(2) : short
  const size = at + 4 + length
  if (data.length < size) return undefined
  const mask = data.subarray(at, at + 4)
  const body = Buffer.from(data.subarray(at + 4, size)).map((byte, i) => byte ^ mask[i % 4])
  return { opcode: data[0] & 0x0f, text: Buffer.from(body).toString(), size }
}
