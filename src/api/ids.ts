import type { Request } from 'express'
import { isRecordId } from './page.ts'

/** The id in the path, where it can be one of ours; undefined where it cannot: a store need not see it. */
export function recordIdOf(req: Request): string | undefined {
  const id = String(req.params['id'])
  return isRecordId(id) ? id : undefined
}
