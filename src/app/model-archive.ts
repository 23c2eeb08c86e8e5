import type { Models } from '../api/models.ts'
import type { ContestLog } from '../store/models/contest-log.ts'
import type { ModelStore } from '../store/models/model-store.ts'

/** What is kept of models on disk, as the API shows it. */
export function createModelArchive(store: Pick<ModelStore, 'versions'>, contests: Pick<ContestLog, 'newest'>): Models {
  return {
    async versions(unit) {
      const found = await store.versions(unit)
      return found
        .reverse()
        .map((one) =>
          'file' in one
            ? { version: one.version, card: one.file.card }
            : { version: one.version, problem: one.problem },
        )
    },
    async contests(unit, limit) {
      const records = await contests.newest(unit, limit)
      return records.map(({ unit: _, ...contest }) => contest)
    },
  }
}
