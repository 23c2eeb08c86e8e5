/** The least that a durable acknowledgement can cost: a bare HTTP server that writes each body to a file and syncs it. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { answerRequests } from '../tick/child.ts'

answerRequests(async ({ file }: { readonly file: string }): Promise<{ url: string }> => {
  const fd = openSync(file, 'a')
  process.once('exit', () => closeSync(fd))
  const server = createServer(async (request, response) => {
    writeSync(fd, await buffer(request))
    fdatasyncSync(fd)
    response.writeHead(202).end()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
})
