import type { CrossCheck } from '../config/cross-checks.ts'
import type { Config } from '../config/resolve.ts'
import { composeNotice } from '../notify/compose.ts'
import { readTemplates } from '../notify/templates.ts'
import { sampleMatter } from './sample-notice.ts'

/** What only who knows the receivers and the templates can find wrong. */
export const notificationChecks: readonly CrossCheck<Config>[] = [templatesRender]

function* templatesRender({ notifications: { templates } }: Config) {
  for (const key of ['title', 'text'] as const) {
    const text = templates[key]
    if (text === undefined) continue
    const path = ['notifications', 'templates', key]
    try {
      composeNotice(sampleMatter(0), readTemplates({ [key]: text }, true))
    } catch (error) {
      const [message] = (error as Error).message.split('\n')
      yield {
        path,
        message: `is not a template that can be rendered: ${message}`,
        hint: 'see docs/notifications.md',
        reads: [path],
      }
    }
  }
}
