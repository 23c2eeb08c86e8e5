/**
 * A process that writes to a store in a file and says what it knows to be kept, one id a line, until it is killed.
 * `node store-writer.ts FILE NAME`
 */
import { writeSync } from 'node:fs'
import { systemClock } from '../../src/platform/clock.ts'
import { systemEnvironment } from '../../src/platform/environment.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { openStore } from '../../src/store/sql/store.ts'
import { action, incident } from '../../src/store/sql/testing/documents.ts'

const [file, name] = process.argv.slice(2)
const store = await openStore(
  { database: { kind: 'sqlite', file }, retention: { keepMs: 90 * 86_400_000, auditMs: 400 * 86_400_000 } },
  { clock: systemClock, owner: name, logger: createLogger('warn'), environment: systemEnvironment },
)
for (let i = 0; ; i++) {
  const id = `${name}-${i}`
  await store.transaction(async (entries) => {
    await entries.saveIncidents([incident(id)])
    await entries.plan(action(id, { incidentId: id }))
  })
  writeSync(1, `${id}\n`)
}
