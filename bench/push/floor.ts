/** The least that an observation can cost: a bare Express server that parses it and answers with as many bytes. */
import type { AddressInfo } from 'node:net'
import express from 'express'
import { answerRequests } from '../tick/child.ts'

answerRequests(async ({ answer }: { readonly answer: string }): Promise<{ url: string }> => {
  const app = express()
  app.post('/api/v1/observations', express.json(), (_req, res) => void res.type('json').send(answer))
  const server = app.listen(0, '127.0.0.1')
  await new Promise<void>((resolve) => {
    server.once('listening', () => resolve())
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
})
