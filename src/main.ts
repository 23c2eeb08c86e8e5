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
  const { runCommandLine } = await import('./cli/command-line.ts')
  process.exitCode = await runCommandLine(process.argv.slice(2))
}

export {}
