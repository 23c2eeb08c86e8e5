import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DockerLab } from './docker.ts'

const MEMORY_TOTAL = 64 * 1024 * 1024

/** Pages as node_exporter writes them, of containers as if each were a host. */
export interface ContainerExporter {
  /** `host:port`; the page of each is below `/host/NAME`. */
  readonly address: string
  stop(): Promise<void>
}

export interface Usage {
  readonly cpuSeconds: number
  readonly memoryBytes: number
}

/** What a container has used, as the engine counts. */
export async function usageOf({ socketPath }: Pick<DockerLab, 'socketPath'>, name: string): Promise<Usage> {
  const { cpu_stats, memory_stats } = JSON.parse(
    await ask(socketPath, `/containers/${name}/stats?stream=false&one-shot=true`),
  )
  return { cpuSeconds: cpu_stats.cpu_usage.total_usage / 1e9, memoryBytes: memory_stats.usage ?? 0 }
}

/**
 * Serves what containers really use in node_exporter's names: processor and memory as the engine counts them, as
 * `app_crashes_total` the lines that they have printed. A name that is no container is a host at rest.
 */
export async function startContainerExporter(
  lab: Pick<DockerLab, 'socketPath'>,
  containers: readonly string[],
): Promise<ContainerExporter> {
  async function page(name: string): Promise<string> {
    if (!containers.includes(name)) return pageOf({ cpuSeconds: 0, memoryBytes: MEMORY_TOTAL / 4 }, 0)
    const printed = await ask(lab.socketPath, `/containers/${name}/logs?stdout=true`)
    return pageOf(await usageOf(lab, name), printed.split('crash').length - 1)
  }
  const server = createServer((req, res) => {
    page(req.url?.split('/').at(-1) ?? '').then(
      (text) => res.setHeader('Content-Type', 'text/plain; version=0.0.4').end(text),
      (error) => res.writeHead(503).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function pageOf({ cpuSeconds, memoryBytes }: Usage, crashes: number): string {
  const idle = performance.now() / 1000 - cpuSeconds
  const lines = [
    `node_cpu_seconds_total{cpu="0",mode="user"} ${cpuSeconds}`,
    `node_cpu_seconds_total{cpu="0",mode="idle"} ${idle}`,
    `node_memory_MemTotal_bytes ${MEMORY_TOTAL}`,
    `node_memory_MemAvailable_bytes ${Math.max(0, MEMORY_TOTAL - memoryBytes)}`,
    `node_time_seconds ${Date.now() / 1000}`,
    'node_load1 0.1',
    `app_crashes_total ${crashes}`,
  ]
  return `${lines.join('\n')}\n`
}

function ask(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('latin1')
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`${path} answered ${response.statusCode}: ${text}`))
      })
    })
    sent.on('error', reject).end()
  })
}
