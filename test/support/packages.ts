import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** The Debian packages that the lab and its loads come from. */
export const LAB_PACKAGES = [
  'prometheus',
  'prometheus-alertmanager',
  'prometheus-node-exporter',
  'prometheus-pushgateway',
  'victoria-metrics',
  'stress-ng',
] as const

const POLICY = '/usr/sbin/policy-rc.d'
const APT = ['apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0']

function isInstalled(name: string): boolean {
  try {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format, not ours
    const status = execFileSync('dpkg-query', ['-W', '-f=${db:Status-Status}', name], { stdio: 'pipe' })
    return status.toString() === 'installed'
  } catch {
    return false
  }
}

function run(command: readonly string[]): void {
  const [program, ...args] = command
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  execFileSync(program, args, { stdio: 'pipe', env })
}

/** The prefix that gives a command root's rights: nothing as root, else sudo without a password. */
export function asRoot(command: readonly string[]): string[] {
  if (process.getuid?.() === 0) return [...command]
  try {
    execFileSync('sudo', ['-n', 'true'], { stdio: 'pipe' })
  } catch (cause) {
    throw new Error(`\`${command.join(' ')}\` needs root, or sudo without a password`, { cause })
  }
  return ['sudo', '-n', ...command]
}

/** Keeps a packaged service from starting while `work` runs; a policy that is there already is left alone. */
function withoutServices(work: () => void): void {
  if (existsSync(POLICY)) {
    work()
    return
  }
  if (process.getuid?.() === 0) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  else run(asRoot(['sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' >${POLICY}; chmod 755 ${POLICY}`]))
  try {
    work()
  } finally {
    if (process.getuid?.() === 0) rmSync(POLICY, { force: true })
    else run(asRoot(['rm', '-f', POLICY]))
  }
}

/**
 * Installs by apt what is missing. Never skips: a test that cannot have its real server fails.
 *
 * @returns the packages that were missing
 * @throws {Error} without apt, without rights, or when the installation fails
 */
export function ensurePackages(wanted: readonly string[] = LAB_PACKAGES): string[] {
  if (!existsSync('/usr/bin/dpkg-query')) {
    throw new Error(`the lab installs Debian packages, and this system has no dpkg; it wants: ${wanted.join(', ')}`)
  }
  const missing = wanted.filter((name) => !isInstalled(name))
  if (missing.length === 0) return []
  const install = asRoot(['env', 'DEBIAN_FRONTEND=noninteractive', ...APT, 'install', '-y', '--no-install-recommends'])
  withoutServices(() => {
    try {
      run([...install, ...missing])
    } catch {
      run(asRoot([...APT, 'update']))
      run([...install, ...missing])
    }
  })
  return missing
}
