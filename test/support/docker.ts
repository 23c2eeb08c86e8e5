import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './deadline.ts'
import { ensurePackages } from './packages.ts'
import { type OwnProcess, startProcess } from './process.ts'

export const DOCKER_PACKAGES = ['docker.io', 'busybox-static', 'iptables', 'tar']
const IMAGE = 'lab/busybox:1'

export interface DockerLab {
  readonly socketPath: string
  /** Runs the docker command; gives what it prints, trimmed. */
  docker(...args: string[]): string
  /** Starts a container without network from a script for the shell. */
  run(name: string, script: string, options?: readonly string[]): void
  /** What `docker inspect` gives for a Go template. */
  show(name: string, template: string): string
  stop(): Promise<void>
}

/**
 * Starts a Docker daemon of its own, with root, socket and state in a new temporary directory, without bridge and
 * iptables: no daemon of the system is touched, and no network is needed. Its one image is Debian's static busybox.
 *
 * @throws {Error} without root
 */
export async function startDocker(): Promise<DockerLab> {
  if (process.getuid?.() !== 0) throw new Error('a Docker daemon of our own needs root')
  ensurePackages(DOCKER_PACKAGES)
  const directory = mkdtempSync(join(tmpdir(), 'homeostat-docker-'))
  const socketPath = join(directory, 'docker.sock')
  const logFile = join(directory, 'dockerd.log')
  const paths = ['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')]
  const pidFile = ['--pidfile', join(directory, 'dockerd.pid')]
  const noNetwork = ['--bridge=none', '--iptables=false', '--ip6tables=false']
  const command = ['dockerd', ...paths, ...pidFile, '-H', `unix://${socketPath}`, ...noNetwork]
  const daemon = await startProcess('dockerd', command, { cwd: directory, logFile })

  const docker = (...args: string[]) =>
    execFileSync('docker', ['-H', `unix://${socketPath}`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
      .toString()
      .trim()
  try {
    await untilItAnswers(daemon, docker)
    importImage(directory, socketPath)
  } catch (error) {
    await stop(daemon, docker, directory)
    throw error
  }
  return {
    socketPath,
    docker,
    run(name, script, options = []) {
      docker('run', '-d', '--network', 'none', '--name', name, ...options, IMAGE, '/bin/sh', '-c', script)
    },
    show: (name, template) => docker('inspect', '-f', template, name),
    stop: () => stop(daemon, docker, directory),
  }
}

type Docker = DockerLab['docker']

async function untilItAnswers(daemon: OwnProcess, docker: Docker): Promise<void> {
  const answers = () => {
    try {
      docker('version')
      return true
    } catch {
      return false
    }
  }
  const vain = () => (daemon.isAlive() ? undefined : `dockerd died:\n${daemon.logTail()}`)
  await until(answers, { what: 'an answer of dockerd', withinMs: 60_000, everyMs: 200, vain })
}

function importImage(directory: string, socketPath: string): void {
  const root = join(directory, 'image')
  for (const folder of ['bin', 'tmp']) mkdirSync(join(root, folder), { recursive: true })
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'))
  for (const applet of execFileSync('/bin/busybox', ['--list']).toString().trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
  }
  const archive = execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 64 * 1024 * 1024 })
  execFileSync('docker', ['-H', `unix://${socketPath}`, 'import', '-', IMAGE], { input: archive, stdio: 'pipe' })
}

async function stop(daemon: OwnProcess, docker: Docker, directory: string): Promise<void> {
  if (daemon.isAlive()) {
    const containers = docker('ps', '-aq').split('\n').filter(Boolean)
    if (containers.length > 0) docker('rm', '-f', ...containers)
    // The bridges of networks would stay behind on this machine.
    docker('network', 'prune', '--force')
  }
  await daemon.stop(20_000)
  try {
    execFileSync('/bin/umount', [join(directory, 'exec/netns/default')], { stdio: 'pipe' })
  } catch {
    // It was not mounted.
  }
  rmSync(directory, { recursive: true, force: true })
}
