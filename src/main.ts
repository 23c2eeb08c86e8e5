#!/usr/bin/env node
// Nothing else may be imported here: an old Node must get this message, not a syntax error or a crash in native code.
const OLDEST = [22, 14] as const

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  process.stderr.write(
    `homeostat needs Node.js ${OLDEST.join('.')} or newer, this is ${process.versions.node}. ` +
      'In a checkout run it as `npx homeostat` or `npm start`, which bring their own Node.js.\n',
  )
  process.exitCode = 2
} else {
  await restartLean()
  const { runCommandLine } = await import('./cli/command-line.ts')
  process.exitCode = await runCommandLine(process.argv.slice(2))
}

/** The daemon replaces itself, where the system can, by the same program with settings that are read at the start only. */
async function restartLean(): Promise<void> {
  if (process.argv[2] !== 'run' || typeof process.execve !== 'function' || process.platform !== 'linux') return
  const { leanRestart } = await import('./platform/lean-process.ts')
  const restart = leanRestart(process)
  if (restart === undefined) return
  const { accessSync, constants } = await import('node:fs')
  try {
    accessSync(process.execPath, constants.X_OK)
  } catch {
    return
  }
  process.execve(process.execPath, [...restart.args], { ...restart.env })
}

export {}
