/** Files of swagger-ui as the build has laid them down; their names bear its version. */
export interface DocsFiles {
  readonly script: string
  readonly style: string
}

/** The interactive description of the API. No script and no style of its own, so that the policy of all pages nearly holds. */
export function docsPage({ script, style }: DocsFiles): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API of Homeostat</title>
<link rel="icon" href="../icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="docs/${style}">
<script src="docs/${script}" defer></script>
<script src="docs/init.js" defer></script>
</head>
<body>
<div id="swagger-ui"></div>
<noscript>This page needs JavaScript. <a href="v1/openapi.json">The description itself</a> does not.</noscript>
</body>
</html>
`
}

/** Where nothing was built. */
export const PLAIN_DOCS_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>API of Homeostat</title></head>
<body>
<h1>API of Homeostat</h1>
<p><a href="v1/openapi.json">The description, OpenAPI 3.1</a>. The page to try it out comes with the build.</p>
</body>
</html>
`

/** Starts the page; whoever has signed in to the dashboard is signed in here, too. */
export const DOCS_SCRIPT = `'use strict'
let csrf = null
fetch('v1/session').then((answer) => (answer.ok ? answer.json() : {})).then((session) => {
  csrf = session.csrf_token ?? null
}, () => {})
SwaggerUIBundle({
  url: 'v1/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  requestInterceptor(request) {
    const changes = request.method !== undefined && request.method.toUpperCase() !== 'GET'
    if (changes && csrf !== null) request.headers['X-CSRF-Token'] = csrf
    return request
  },
})
`
