import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get as httpGet } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serveApi } from './testing/serve.ts'

const SCRIPT = 'console.log("dashboard")\n'

/** A build like that of the dashboard. */
function built(): string {
  const directory = mkdtempSync(join(tmpdir(), 'dashboard-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'assets'))
  const write = (name: string, content: string) => {
    const path = join(directory, name)
    writeFileSync(path, content)
    writeFileSync(`${path}.gz`, gzipSync(content))
    writeFileSync(`${path}.br`, brotliCompressSync(content))
  }
  write('index.html', '<!doctype html><title>Homeostat</title>')
  write('icon.svg', '<svg/>')
  write('assets/index-Ab12.js', SCRIPT)
  writeFileSync(join(directory, 'secret'), 'not to be served')
  return directory
}

/** Asks without what `fetch` does by itself. */
async function ask(url: string, headers: Record<string, string> = {}) {
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    httpGet(url, { headers, agent: false }, resolve).on('error', reject)
  })
  return { status: answer.statusCode, headers: answer.headers, text: await text(answer) }
}

describe('the dashboard', () => {
  it('is served at /, to be asked for again each time', async () => {
    const { get } = await serveApi({ dashboard: built() })

    const page = await get('/')

    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('cache-control')).toBe('no-cache')
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';style-src 'self'")
    expect(await page.text()).toContain('<title>Homeostat</title>')
    const again = await get('/', { 'If-None-Match': page.headers.get('etag')! })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
  })

  it('has assets that are kept for good, compressed as the browser likes', async () => {
    const { server } = await serveApi({ dashboard: built() })
    const url = `${server.url}/assets/index-Ab12.js`

    const answers = {
      plain: await ask(url),
      gzip: await ask(url, { 'Accept-Encoding': 'gzip, deflate' }),
      brotli: await ask(url, { 'Accept-Encoding': 'gzip, deflate, br' }),
      refused: await ask(url, { 'Accept-Encoding': 'br;q=0, gzip;q=0.5' }),
    }

    expect(answers.plain.text).toBe(SCRIPT)
    expect(answers.plain.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(answers.plain.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(answers.plain.headers['content-encoding']).toBeUndefined()
    expect(answers.gzip.headers['content-encoding']).toBe('gzip')
    expect(answers.brotli.headers['content-encoding']).toBe('br')
    expect(answers.refused.headers['content-encoding']).toBe('gzip')
    expect(await (await fetch(url)).text()).toBe(SCRIPT)
  })

  it('has files beside its page, and nothing else of its directory', async () => {
    const { server, get, raw } = await serveApi({ dashboard: built() })

    expect((await ask(`${server.url}/icon.svg`)).headers['content-type']).toBe('image/svg+xml')
    for (const path of ['/secret', '/index.html', '/assets/', '/assets/none.js', '/assets/index-Ab12.js.gz'])
      expect((await get(path)).status, path).toBe(404)
    for (const path of ['/assets/../secret', '/assets/..%2Fsecret', '/assets/%2e%2e%2fsecret', '/assets//etc/passwd'])
      expect(await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`), path).toMatch(/^HTTP\/1.1 404 /)
  })

  it('is a plain page where nothing was built, or only the source is there', async () => {
    for (const dashboard of [undefined, '/nowhere', join(import.meta.dirname, '../ui')]) {
      const { get } = await serveApi({ dashboard })

      expect(await (await get('/')).text()).toContain('/api/v1/targets')
    }
  })
})
