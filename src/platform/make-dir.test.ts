import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeDir } from './make-dir.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'make-dir-'))
})
afterEach(() => rmSync(root, { recursive: true }))

describe('makeDir', () => {
  it('makes the directories above as well, and is content with what is there', async () => {
    await makeDir(join(root, 'a/b/c'))
    await makeDir(join(root, 'a/b'))

    expect(existsSync(join(root, 'a/b/c'))).toBe(true)
  })

  it('gives up where nothing can be made, instead of trying for ever', async () => {
    await expect(makeDir('/proc/nothing/below')).rejects.toThrow(/ENOENT|EACCES|EROFS|EPERM/)
  })
})
