import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bookOf, sendAlerts } from '../support/alerts.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { rawStatus } from '../support/web.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

let dir: string
let daemon: Daemon

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'homeostat-files-'))
  const program = join(dir, 'with-few-files.mjs')
  const shell = ['sh', '-c', 'ulimit -n 64 && exec "$0" "$@"']
  writeFileSync(
    program,
    `process.execve('/bin/sh', [...${JSON.stringify(shell)}, process.execPath, ${JSON.stringify(MAIN)}, ...process.argv.slice(2)], process.env)`,
  )
  daemon = await startDaemon({ program, config: { interval: '1s', source: { local: { rate_window: '2s' } } } })
  await daemon.ready()
})
afterAll(async () => {
  await daemon?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** By a connection of its own; 0 when that is closed without an answer. */
const healthy = () => rawStatus(daemon.url, 'GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')

it('with 64 open files 100 connections cost nothing but an answer, and it is well again after them', async () => {
  const { hostname, port } = new URL(daemon.url)
  const sockets = Array.from({ length: 100 }, (): Socket => connect(Number(port), hostname).on('error', () => {}))
  await Promise.all(
    sockets.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))),
  )

  const during = await healthy()
  for (const socket of sockets) socket.destroy()
  await daemon.waitFor('an answer', async () => (await healthy()) === 200)
  const taken = await sendAlerts(daemon, [{ labels: { alertname: 'A', instance: 'a', job: 'b' } }])

  expect([0, 503]).toContain(during)
  expect(daemon.isAlive()).toBe(true)
  expect(taken.status).toBe(202)
  expect(await bookOf(daemon).incidentOf('a@b')).toBeDefined()
})
