import type { EventsJson } from '../contract.ts'

/** A server-sent event as it goes over the wire. JSON holds no line breaks, so one line of data is enough. */
export function eventText(name: keyof EventsJson, data: object, id?: string): Buffer {
  const idLine = id === undefined ? '' : `id: ${id}\n`
  return Buffer.from(`event: ${name}\n${idLine}data: ${JSON.stringify(data)}\n\n`)
}
