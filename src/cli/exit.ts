/** 0 good, 1 failed, 2 usage or configuration. */
export type Exit = 0 | 1 | 2

/** Something the person at the keyboard can put right; the message says what, where and how. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
