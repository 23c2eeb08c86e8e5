import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { until } from './deadline.ts'
import { DOCKER_PACKAGES, type DockerLab, startDocker } from './docker.ts'
import { ensurePackages } from './packages.ts'

const IMAGE = 'lab/systemd:1'
const NAME = 'systemd'
/** The last one is a part of systemd from 254 on. */
const PROGRAMS = ['/lib/systemd/systemd', '/bin/systemctl', '/lib/systemd/systemd-executor']
/**
 * Nothing but the units of a test: none of the packaged ones, which would take the machine for theirs. It has the
 * version 2 of cgroups for itself, also where the host has both.
 */
const BOOT = `#!/bin/sh
umount -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit 9
exec /lib/systemd/systemd --system --unit=lab.target --log-target=console --show-status=false
`

export interface SystemdLab {
  /** A program on this machine that is the other one's systemctl. */
  readonly systemctl: string
  /** One property of a unit. */
  show(unit: string, property: string): string
  /** As a person does it there. */
  control(...args: string[]): void
  /** Lays what is in a folder of this machine over its root, as root's. */
  put(folder: string): void
  /** What a program prints there. */
  run(...command: string[]): string
  stop(): Promise<void>
}

/**
 * Starts a real systemd as the first process of a container of its own, with a root that holds it, busybox and some
 * units, and nothing of this machine mounted into it.
 *
 * @param units contents by name; they begin by themselves only when they are asked to
 * @throws {Error} without root
 */
export async function startSystemd(units: Readonly<Record<string, string>>): Promise<SystemdLab> {
  ensurePackages([...DOCKER_PACKAGES, 'systemd'])
  const directory = mkdtempSync(join(tmpdir(), 'homeostat-systemd-'))
  const lab = await startDocker()
  const stop = async () => {
    await lab.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  try {
    importSystemd(lab, directory, units)
    const rights = [
      '--cap-add',
      'SYS_ADMIN',
      '--security-opt',
      'seccomp=unconfined',
      '--security-opt',
      'apparmor=unconfined',
    ]
    const alone = ['--network', 'none', '--cgroupns', 'private', '--tmpfs', '/run', '--tmpfs', '/tmp']
    lab.docker('run', '-d', '--name', NAME, '-e', 'container=docker', ...alone, ...rights, IMAGE, '/bin/boot')
    const systemctl = programFor(lab, directory)
    const control = (...args: string[]) => execFileSync(systemctl, args, { stdio: 'pipe' }).toString().trim()
    await until(() => answers(control), { what: 'an answer of systemd', withinMs: 30_000, everyMs: 200 })
    return {
      systemctl,
      show: (unit, property) => control('show', `--property=${property}`, '--value', '--', unit),
      control: (...args) => void control(...args),
      put: (folder) => {
        const into = `docker -H unix://${lab.socketPath} cp - ${NAME}:/`
        execFileSync('sh', ['-c', `tar -C ${folder} -c --owner=0 --group=0 . | ${into}`], { stdio: 'pipe' })
      },
      run: (...command) => lab.docker('exec', NAME, ...command),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function importSystemd(lab: DockerLab, directory: string, units: Readonly<Record<string, string>>): void {
  const root = join(directory, 'root')
  for (const folder of ['bin', 'dev', 'etc', 'lib/systemd/system', 'proc', 'root', 'run', 'sys', 'tmp', 'var']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'))
  for (const applet of ['mount', 'sh', 'sleep', 'umount']) symlinkSync('busybox', join(root, 'bin', applet))
  for (const program of PROGRAMS.filter((path) => existsSync(path))) {
    for (const file of [program, ...librariesOf(program)]) {
      mkdirSync(join(root, dirname(file)), { recursive: true })
      copyFileSync(realpathSync(file), join(root, file))
    }
  }
  writeFileSync(join(root, 'bin/boot'), BOOT)
  chmodSync(join(root, 'bin/boot'), 0o755)
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n')
  writeFileSync(join(root, 'etc/machine-id'), '')
  for (const [name, text] of Object.entries({ 'lab.target': '', ...units })) {
    // What units are in by default would bring the packaged ones.
    writeFileSync(join(root, 'lib/systemd/system', name), `[Unit]\nDefaultDependencies=no\n${text}`)
  }
  const archive = join(directory, 'root.tar')
  execFileSync('tar', ['-C', root, '-cf', archive, '.'])
  lab.docker('import', archive, IMAGE)
}

/** What a program is linked with, the loader included. */
function librariesOf(program: string): readonly string[] {
  const text = execFileSync('ldd', [program]).toString()
  return [...new Set(text.match(/\/[^ \n]+/g) ?? [])]
}

function programFor({ socketPath }: DockerLab, directory: string): string {
  const path = join(directory, 'systemctl')
  const docker = `exec /usr/bin/docker -H unix://${socketPath} exec ${NAME} /bin/systemctl "$@"`
  writeFileSync(path, `#!/bin/sh\n${docker}\n`, { mode: 0o755 })
  return path
}

function answers(control: (...args: string[]) => string): boolean {
  try {
    return control('show', '--property=ActiveState', '--value', '--', 'lab.target') === 'active'
  } catch {
    return false
  }
}
