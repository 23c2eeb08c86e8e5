import { type Collector, rows } from './collector.ts'

const SECTOR_BYTES = 512
/** node_exporter's default: partitions repeat their disk. */
const IGNORED = /^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/

/** /proc/diskstats; the kernel's Documentation/admin-guide/iostats.rst names its fields. */
export const collectDiskstats: Collector = async ({ fs, proc }, emit) => {
  for (const [, , device, ...fields] of rows(await fs.readText(`${proc}/diskstats`))) {
    if (IGNORED.test(device)) continue
    const [reads, , sectorsRead, readMs, writes, , sectorsWritten, writeMs, , busyMs, weightedMs] = fields.map(Number)
    const labels = { device }
    emit('node_disk_reads_completed_total', reads, labels)
    emit('node_disk_read_bytes_total', sectorsRead * SECTOR_BYTES, labels)
    emit('node_disk_read_time_seconds_total', readMs / 1000, labels)
    emit('node_disk_writes_completed_total', writes, labels)
    emit('node_disk_written_bytes_total', sectorsWritten * SECTOR_BYTES, labels)
    emit('node_disk_write_time_seconds_total', writeMs / 1000, labels)
    emit('node_disk_io_time_seconds_total', busyMs / 1000, labels)
    emit('node_disk_io_time_weighted_seconds_total', weightedMs / 1000, labels)
  }
}
