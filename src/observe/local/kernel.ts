import { type Collector, rows } from './collector.ts'

export const collectLoadavg: Collector = async ({ fs, proc }, emit) => {
  const [[load1, load5, load15]] = rows(await fs.readText(`${proc}/loadavg`))
  emit('node_load1', Number(load1))
  emit('node_load5', Number(load5))
  emit('node_load15', Number(load15))
}

/** Pressure stall information in seconds; "some" is node_exporter's waiting, "full" its stalled. */
export const collectPressure: Collector = async ({ fs, proc }, emit) => {
  for (const resource of ['cpu', 'memory', 'io']) {
    for (const [share, ...fields] of rows(await fs.readText(`${proc}/pressure/${resource}`))) {
      const state = share === 'some' ? 'waiting' : 'stalled'
      // node_exporter has no cpu_stalled: for the whole machine the kernel reports zero.
      if (resource === 'cpu' && state === 'stalled') continue
      const total = fields.find((field) => field.startsWith('total='))
      emit(`node_pressure_${resource}_${state}_seconds_total`, Number(total?.slice('total='.length)) / 1e6)
    }
  }
}

export const collectFilefd: Collector = async ({ fs, proc }, emit) => {
  const [[allocated, , maximum]] = rows(await fs.readText(`${proc}/sys/fs/file-nr`))
  emit('node_filefd_allocated', Number(allocated))
  emit('node_filefd_maximum', Number(maximum))
}

export const collectProcesses: Collector = async ({ fs, proc }, emit) => {
  const names = await fs.list(proc)
  emit('node_processes_pids', names.filter((name) => /^\d+$/.test(name)).length)
}

export const collectUname: Collector = async ({ fs, proc }, emit) => {
  const read = async (name: string) => (await fs.readText(`${proc}/sys/kernel/${name}`)).trim()
  const labels = { sysname: await read('ostype'), nodename: await read('hostname'), release: await read('osrelease') }
  emit('node_uname_info', 1, labels)
}
