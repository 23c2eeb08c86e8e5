import { type Collector, type Emit, rows } from './collector.ts'

/** /proc/net/dev: bytes, packets, errors and drops of every interface. */
export const collectNetdev: Collector = async ({ fs, proc }, emit) => {
  for (const line of (await fs.readText(`${proc}/net/dev`)).split('\n').slice(2)) {
    const colon = line.lastIndexOf(':')
    if (colon < 0) continue
    const labels = { device: line.slice(0, colon).trim() }
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number)
    const names = ['bytes', 'packets', 'errs', 'drop']
    names.forEach((name, i) => {
      emit(`node_network_receive_${name}_total`, fields[i], labels)
      emit(`node_network_transmit_${name}_total`, fields[i + 8], labels)
    })
  }
}

/** Protocol counters from /proc/net/netstat and /proc/net/snmp: lines in pairs, names above values. */
export const collectNetstat: Collector = async ({ fs, proc }, emit) => {
  for (const file of ['netstat', 'snmp']) {
    const lines = rows(await fs.readText(`${proc}/net/${file}`))
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const [protocol, ...names] = lines[i]
      const values = lines[i + 1].slice(1)
      names.forEach((name, at) => {
        emit(`node_netstat_${protocol.slice(0, -1)}_${name}`, Number(values[at]))
      })
    }
  }
}

/** Sockets in use from /proc/net/sockstat and, where there is IPv6, sockstat6. */
export const collectSockstat: Collector = async ({ fs, proc }, emit) => {
  emitSockstat(await fs.readText(`${proc}/net/sockstat`), emit)
  emitSockstat(await fs.readText(`${proc}/net/sockstat6`).catch(() => ''), emit)
}

function emitSockstat(text: string, emit: Emit): void {
  for (const [protocol, ...pairs] of rows(text)) {
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      emit(`node_sockstat_${protocol.slice(0, -1)}_${pairs[i]}`, Number(pairs[i + 1]))
    }
  }
}

/** Fill of the connection tracking table; absent where no firewall tracks. */
export const collectConntrack: Collector = async ({ fs, proc }, emit) => {
  const folder = `${proc}/sys/net/netfilter`
  emit('node_nf_conntrack_entries', Number(await fs.readText(`${folder}/nf_conntrack_count`)))
  emit('node_nf_conntrack_entries_limit', Number(await fs.readText(`${folder}/nf_conntrack_max`)))
}
