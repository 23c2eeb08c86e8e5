import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** What a process finds around it when it starts. */
export interface Environment {
  readonly variables: Readonly<Record<string, string | undefined>>
  readonly hostName: string
  /** Reads a UTF-8 text file. @throws the error of the file system, with its `code` */
  readFile(path: string): string
}

/** The environment of this process. */
export const systemEnvironment: Environment = {
  variables: process.env,
  hostName: hostname(),
  readFile: (path) => readFileSync(path, 'utf8'),
}
