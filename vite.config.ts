import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Homeostat as it runs beside `vite`, for who changes the dashboard: `npm run dashboard`. */
const DAEMON = process.env['HOMEOSTAT_URL'] ?? 'http://127.0.0.1:9797'

export default defineConfig({
  root: join(import.meta.dirname, 'src/ui'),
  // The daemon may stand behind a path of a proxy.
  base: './',
  plugins: [react()],
  build: {
    outDir: '../../dist/ui',
    emptyOutDir: true,
    target: 'es2022',
    // The Content-Security-Policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // Not all of /api: the sources of the client lie there as well.
  server: { proxy: { '/api/v1': DAEMON, '/api/docs': DAEMON, '/metrics': DAEMON, '/-': DAEMON } },
})
