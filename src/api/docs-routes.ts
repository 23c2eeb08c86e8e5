import type { Request, Response } from 'express'
import { DOCS_SCRIPT, docsPage, PLAIN_DOCS_PAGE } from './docs-page.ts'
import { onceItWorks } from './once-it-works.ts'
import { ApiError } from './problem.ts'
import { open, type Route } from './routes.ts'
import { contentSecurityPolicy } from './security-policy.ts'
import { sendText } from './send-json.ts'
import { staticFiles } from './static-files.ts'

export interface DocsOptions {
  /** Of Homeostat. */
  readonly version: string
  /** Directory of swagger-ui's files as the build has written them; without it, a page that only leads to the description. */
  readonly directory: string | undefined
}

/** The pictures of swagger-ui stand in its styles. */
const POLICY = contentSecurityPolicy({ imgSrc: ["'self'", 'data:'] })

/** `GET /api/v1/openapi.json`, and `GET /api/docs` to try it out. Open to all: they say nothing of what is watched. */
export function docsRoutes({ version, directory }: DocsOptions): Route[] {
  const files = directory === undefined ? undefined : staticFiles(directory)
  const named = (ending: string) =>
    [...(files?.names ?? [])].find((name) => /^swagger-ui-[\d.]+/.test(name) && name.endsWith(ending))
  const [script, style] = [named('.js'), named('.css')]
  const page = script === undefined || style === undefined ? PLAIN_DOCS_PAGE : docsPage({ script, style })
  const text = onceItWorks(async () => {
    // Only now: its library is not needed for anything else.
    const { openApiDocument } = await import('./openapi/document.ts')
    return JSON.stringify(openApiDocument(version))
  })

  async function sendDescription(req: Request, res: Response): Promise<void> {
    return sendText(req, res, await text())
  }

  async function sendFile(req: Request, res: Response): Promise<void> {
    const name = String(req.params['file'])
    if (name === 'init.js') return void res.set('Cache-Control', 'no-cache').type('text/javascript').send(DOCS_SCRIPT)
    if (files === undefined) throw new ApiError('not_found', 'there is no such file')
    return files.send(req, res, name, 'immutable')
  }

  return [
    { pattern: '/api/v1/openapi.json', methods: { GET: open(sendDescription) } },
    {
      pattern: '/api/docs',
      methods: {
        GET: open((_req, res) => {
          res.set({ 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-cache' }).type('html').send(page)
        }),
      },
    },
    { pattern: '/api/docs/{file}', methods: { GET: open(sendFile) } },
  ]
}
