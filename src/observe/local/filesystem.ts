import type { Clock } from '../../platform/clock.ts'
import { type Collector, type Labels, type Place, rows } from './collector.ts'
import type { FilesystemStats } from './fs.ts'

/** As node_exporter's defaults; the catalogue's own filter, which is wider, comes on top. */
const PSEUDO =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$/
const SYSTEM_MOUNTS =
  /^\/(dev|proc|run\/credentials\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)($|\/)/

/** Each stuck statfs holds one of the four threads that all file reads of the process share. */
const MOST_STUCK = 2

interface Mount {
  readonly path: string
  readonly labels: Labels
  readonly readonly: boolean
  /** Answered by another machine or program, so perhaps never. */
  readonly mayHang: boolean
}

/**
 * Size and free space of every mounted filesystem. A mount that does not answer within `timeoutMs` is left out until
 * it does; while two hang, only disks of this machine are asked.
 */
export function createFilesystemCollector(clock: Clock, timeoutMs: number): Collector {
  const stuck = new Set<string>()
  const ask = async ({ path, mayHang }: Mount, place: Place): Promise<FilesystemStats | undefined> => {
    if (stuck.has(path) || (mayHang && stuck.size >= MOST_STUCK)) return undefined
    stuck.add(path)
    const answer = place.fs.statfs(place.root + path).finally(() => stuck.delete(path))
    const waiting = new AbortController()
    const late = clock.sleep(timeoutMs, waiting.signal).then(
      () => undefined,
      () => undefined,
    )
    try {
      return await Promise.race([answer, late])
    } catch {
      // Gone, or not for us: node_exporter reports such a mount as a device error and goes on.
      return undefined
    } finally {
      waiting.abort()
      answer.catch(() => {})
    }
  }
  return async (place, emit) => {
    for (const mount of await mountsOf(place)) {
      const stats = await ask(mount, place)
      if (!stats) continue
      const { labels, readonly } = mount
      emit('node_filesystem_size_bytes', stats.blocks * stats.bsize, labels)
      emit('node_filesystem_free_bytes', stats.bfree * stats.bsize, labels)
      emit('node_filesystem_avail_bytes', stats.bavail * stats.bsize, labels)
      emit('node_filesystem_files', stats.files, labels)
      emit('node_filesystem_files_free', stats.ffree, labels)
      emit('node_filesystem_readonly', readonly ? 1 : 0, labels)
    }
  }
}

async function mountsOf({ fs, proc }: Place): Promise<Mount[]> {
  // Process 1 sees the host's mounts even from a container that has the host's /proc; only root may look.
  const text = await fs.readText(`${proc}/1/mounts`).catch(() => fs.readText(`${proc}/self/mounts`))
  const mounts = new Map<string, Mount>()
  for (const [device, mountpoint, fstype, options = ''] of rows(text)) {
    const path = unescapeOctal(mountpoint)
    if (PSEUDO.test(fstype) || SYSTEM_MOUNTS.test(path)) continue
    // A later mount on the same point hides the earlier one.
    const labels = { device: unescapeOctal(device), fstype, mountpoint: path }
    const mayHang = device.includes(':') || device.startsWith('//') || fstype.startsWith('fuse')
    mounts.set(path, { path, labels, readonly: options.split(',').includes('ro'), mayHang })
  }
  return [...mounts.values()]
}

/** The kernel writes blanks and backslashes in paths as `\040`. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)))
}
