import { join } from 'node:path'
import { LANDING_PAGE } from './landing-page.ts'
import { open, type Route } from './routes.ts'
import { staticFiles } from './static-files.ts'

/**
 * The dashboard at `/`, as the build has written it: open to all, because what it shows it asks the API for. Its
 * addresses lie behind `#`, so that there is one page. Without a build, a page that names what else there is.
 *
 * @param directory with `index.html`, and beside it a folder `assets` of files whose names say what is in them
 */
export function dashboardRoutes(directory: string | undefined): Route[] {
  const assets = directory === undefined ? undefined : staticFiles(join(directory, 'assets'))
  const pages = assets === undefined ? undefined : staticFiles(directory!)
  if (assets === undefined || !pages?.names.has('index.html'))
    return [{ pattern: '/', methods: { GET: open((_req, res) => void res.type('html').send(LANDING_PAGE)) } }]
  return [
    { pattern: '/', methods: { GET: open((req, res) => pages.send(req, res, 'index.html', 'asked')) } },
    {
      pattern: '/assets/{name}',
      methods: { GET: open((req, res) => assets.send(req, res, String(req.params['name']), 'immutable')) },
    },
    // Icons and the like: they are few, and known from here on.
    ...[...pages.names]
      .filter((name) => name !== 'index.html')
      .map((name): Route => {
        return { pattern: `/${name}`, methods: { GET: open((req, res) => pages.send(req, res, name, 'asked')) } }
      }),
  ]
}
