import { type Collector, rows } from './collector.ts'

/** /proc/meminfo, in bytes. */
export const collectMeminfo: Collector = async ({ fs, proc }, emit) => {
  for (const [key, value, unit] of rows(await fs.readText(`${proc}/meminfo`))) {
    const name = key.replace(/:$/, '').replace(/\((.*)\)/, '_$1')
    if (unit === 'kB') emit(`node_memory_${name}_bytes`, Number(value) * 1024)
    else emit(`node_memory_${name}`, Number(value))
  }
}

/** Paging and out-of-memory kills from /proc/vmstat. */
export const collectVmstat: Collector = async ({ fs, proc }, emit) => {
  for (const [key, value] of rows(await fs.readText(`${proc}/vmstat`))) {
    if (/^(oom_kill|pgpg|pswp|pg.*fault)/.test(key)) emit(`node_vmstat_${key}`, Number(value))
  }
}
