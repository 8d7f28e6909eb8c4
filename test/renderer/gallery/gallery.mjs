// `node test/renderer/gallery/gallery.mjs [scene…]`: pictures of every screen, in out/gallery/pictures. The pages and their
// policies are the real ones, the main process behind them is made of plain data.
import { spawn } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { prepareRuntime } from '../../../build/app/prepare-runtime.mjs'
import { inProject } from '../../../build/project.mjs'
import { launchArguments, resolveRuntime } from '../../../build/runtime/resolve.mjs'

const folder = inProject('out/gallery')
const app = join(folder, 'app')
await rm(app, { recursive: true, force: true })
await mkdir(app, { recursive: true })
await build({
  absWorkingDir: inProject('test/renderer/gallery'),
  entryPoints: ['shell/main.ts', 'page-preload.ts', 'pin-preload.ts'],
  entryNames: '[name]',
  outdir: app,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node18.15',
  external: ['electron'],
})
await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'bidseal-gallery', main: 'main.cjs' }))

// Machines without a Chinese face get the one that is installed for the seal slips.
const fonts = join(folder, 'fonts.conf')
await writeFile(
  fonts,
  `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${inProject('node_modules/@expo-google-fonts/noto-sans-sc')}</dir>
</fontconfig>
`,
)

const runtime = await prepareRuntime(await resolveRuntime(), app)
const profile = `--user-data-dir=${join(folder, 'profile')}`
const electron = [runtime.executable, ...launchArguments(), ...runtime.args, '--disable-gpu', profile]
const display = process.env['DISPLAY'] ? [] : ['xvfb-run', '-a', '-s', '-screen 0 1400x900x24']
const [command = '', ...args] = [...display, ...electron]
const child = spawn(command, args, {
  stdio: 'inherit',
  env: {
    ...process.env,
    FONTCONFIG_FILE: fonts,
    TZ: 'Asia/Shanghai',
    GALLERY_PAGES: inProject('out/renderer'),
    GALLERY_PICTURES: join(folder, 'pictures'),
    ...(process.argv.length > 2 ? { GALLERY_ONLY: process.argv.slice(2).join(',') } : {}),
  },
})
child.on('exit', code => {
  process.exitCode = code ?? 1
})
