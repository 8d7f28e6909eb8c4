import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { inProject } from '../project.mjs'

// The two pages of the app, for the Chromium of the older of the two runtimes. Nothing is inline: the content security
// policy allows no inline script, and small files as `data:` URLs only for pictures and fonts.
export default defineConfig({
  root: inProject('renderer'),
  // Relative: each page is served from an origin of its own.
  base: './',
  cacheDir: inProject('out/vite'),
  publicDir: false,
  plugins: [react()],
  build: {
    outDir: inProject('out/renderer'),
    emptyOutDir: true,
    target: 'chrome114',
    modulePreload: { polyfill: false },
    sourcemap: false,
    // The UI kit alone is larger than the limit meant for pages that travel over a network; this one is local.
    chunkSizeWarningLimit: 2000,
    rollupOptions: { input: { index: inProject('renderer/index.html'), pin: inProject('renderer/pin.html') } },
  },
})
