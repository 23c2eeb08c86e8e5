import { readdir, readFile, statfs } from 'node:fs/promises'

/** What the local source reads of this machine; tests give it a recorded tree. */
export interface LocalFs {
  /** @throws {NodeJS.ErrnoException} */
  readText(path: string): Promise<string>
  /** Names in a directory. @throws {NodeJS.ErrnoException} */
  list(path: string): Promise<string[]>
  /** May never resolve: a dead network filesystem hangs whoever asks. @throws {NodeJS.ErrnoException} */
  statfs(path: string): Promise<FilesystemStats>
}

/** As statfs(2) has it: counts of blocks of `bsize` bytes, and of inodes. */
export interface FilesystemStats {
  readonly bsize: number
  readonly blocks: number
  readonly bfree: number
  readonly bavail: number
  readonly files: number
  readonly ffree: number
}

export const nodeFs: LocalFs = {
  readText: (path) => readFile(path, 'utf8'),
  list: (path) => readdir(path),
  statfs: (path) => statfs(path),
}
