import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SyntheticHost } from './fleet.ts'

export interface HistorySpan {
  /** ms since the epoch, both. */
  readonly from: number
  readonly to: number
  readonly stepMs: number
}

/** Series name and labels with `instance` and `job` added. */
function withTarget(series: string, instance: string): string {
  const target = `instance="${instance}",job="node"`
  return series.endsWith('}') ? `${series.slice(0, -1)},${target}}` : `${series}{${target}}`
}

async function writeOpenMetrics(file: string, hosts: readonly SyntheticHost[], span: HistorySpan): Promise<number> {
  const out = createWriteStream(file)
  const names = hosts.map((host) => host.series.map((series) => withTarget(series, host.instance)))
  let samples = 0
  for (let at = span.from; at < span.to; at += span.stepMs) {
    const time = ` ${at / 1000}\n`
    let lines = ''
    for (let h = 0; h < hosts.length; h++) {
      const values = hosts[h].advance(at)
      for (let s = 0; s < values.length; s++) lines += `${names[h][s]} ${values[s]}${time}`
      samples += values.length
    }
    if (!out.write(lines)) await once(out, 'drain')
  }
  out.end('# EOF\n')
  await once(out, 'finish')
  return samples
}

/**
 * Writes the history of made-up hosts as blocks into the data directory of a Prometheus that is not running. The
 * hosts are left at the end of the span: served on from there, their live values follow on their history.
 *
 * @returns the number of samples written
 */
export async function seedHistory(
  dataDir: string,
  hosts: readonly SyntheticHost[],
  span: HistorySpan,
): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'homeostat-history-'))
  try {
    const half = Math.ceil(hosts.length / 2)
    const parts = [hosts.slice(0, half), hosts.slice(half)].filter((part) => part.length > 0)
    const counts = await Promise.all(
      parts.map(async (part, n) => {
        const file = join(dir, `${n}.om`)
        const blocks = join(dir, `${n}.blocks`)
        mkdirSync(blocks)
        const samples = await writeOpenMetrics(file, part, span)
        // promtool reads the whole file once for each block: few long blocks make it many times faster.
        const flags = ['--max-block-duration=162h', '--quiet']
        await promisify(execFile)('promtool', ['tsdb', 'create-blocks-from', ...flags, 'openmetrics', file, blocks])
        for (const block of readdirSync(blocks)) renameSync(join(blocks, block), join(dataDir, block))
        return samples
      }),
    )
    return counts.reduce((sum, count) => sum + count, 0)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
