import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What distroless/cc-debian12 is made of: these packages of Debian, without shell and package manager. */
const RUNTIME_PACKAGES = [
  'base-files',
  'ca-certificates',
  'libc6',
  'libgcc-s1',
  'libgomp1',
  'libssl3',
  'libstdc++6',
  'netbase',
  'tzdata',
]

/** What must be installed to build and compose images. */
export const IMAGE_PACKAGES = [...RUNTIME_PACKAGES, 'docker-compose']
const PEOPLE = 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n'
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'

/** Lays out, in an empty directory, the files of Debian's packages that the program's image stands on. */
export function layOutRuntime(root: string): void {
  // Where /bin and its like are links.
  for (const folder of ['bin', 'lib', 'lib64', 'sbin']) mkdirSync(join(root, 'usr', folder), { recursive: true })
  const listed = execFileSync('dpkg', ['-L', ...RUNTIME_PACKAGES])
    .toString()
    .split('\n')
  const files = listed.filter((path) => path.startsWith('/') && !/^\/usr\/share\/(doc|man|locale|lintian)\//.test(path))
  const list = `${files.map((path) => path.slice(1)).join('\n')}\n`
  const archive = execFileSync(
    'tar',
    ['-C', '/', '--no-recursion', '--ignore-failed-read', '-c', '--files-from', '-'],
    { input: list, maxBuffer: 256 * 1024 * 1024, stdio: ['pipe', 'pipe', 'ignore'] },
  )
  execFileSync('tar', ['-C', root, '-x'], { input: archive })
  for (const folder of ['etc', 'tmp']) mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'etc/passwd'), PEOPLE)
}

/** Adds what the build needs: busybox for a shell, this Node.js, this npm, and the certificates that this machine trusts. */
export function addBuildTools(root: string): void {
  for (const folder of ['usr/local/bin', 'usr/local/lib/node_modules', 'etc/ssl/certs', 'root']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  copyFileSync('/bin/busybox', join(root, 'usr/bin/busybox'))
  for (const applet of execFileSync('/bin/busybox', ['--list']).toString().trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'usr/bin', applet))
  }
  copyFileSync(process.execPath, join(root, 'usr/local/bin/node'))
  cpSync(npmFolder(), join(root, 'usr/local/lib/node_modules/npm'), { recursive: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
  if (existsSync(CERTIFICATES)) copyFileSync(CERTIFICATES, join(root, CERTIFICATES))
}

function npmFolder(): string {
  const program = process.env.npm_execpath ?? execFileSync('sh', ['-c', 'command -v npm']).toString().trim()
  const folder = dirname(dirname(realpathSync(program)))
  if (existsSync(join(folder, 'node_modules'))) return folder
  throw new Error(`${folder} is not npm with its own dependencies: install npm by npm (npm install -g npm)`)
}

const PATH = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Settings of the images, as `docker import --change` takes them. */
export const IMAGE_SETTINGS = {
  runtime: [PATH],
  build: [PATH, `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`],
} as const
